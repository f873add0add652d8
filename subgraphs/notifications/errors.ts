import { AppError } from "@tributary/platform/errors";

/** What an event builds on is not here yet: the job is tried again after a pause. */
export class ProjectionMiss extends Error {
  constructor(what: string) {
    super(`${what} is not known here yet`);
    this.name = "ProjectionMiss";
  }
}

/** The message is in another worker's hands: tried again once that claim has ended or run out. */
export class ClaimHeld extends Error {
  constructor(deliveryId: string) {
    super(`delivery ${deliveryId} is claimed`);
    this.name = "ClaimHeld";
  }
}

/** A cursor that was forged, altered, or made for another list, feed or user. */
export const invalidCursor = (): AppError => new AppError("BAD_USER_INPUT", "The cursor is not valid here");

/** The caller of a field that is guarded by a directive; a bug where it is missing. */
export const notSignedIn = (): AppError => new AppError("UNAUTHENTICATED", "Sign in to see this");
