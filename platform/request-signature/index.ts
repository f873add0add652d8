export { createRequestSigner, type RequestSigner, type SignedHeaders, signRequest } from "./sign-request.ts";
export { createSignatureVerifier, type SignatureVerifier } from "./signature-verifier.ts";
