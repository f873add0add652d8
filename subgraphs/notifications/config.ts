import { type Environment, optional, parseEnvironment, text, url } from "@tributary/platform/config";
import { readSubgraphConfig, type SubgraphConfig, subgraphVariables } from "@tributary/platform/subgraph-server";

export type NotificationsConfig = SubgraphConfig & {
  readonly usersUrl: string | undefined;
  readonly mail: { readonly smtpUrl: string; readonly from: string };
  /** Where clients live: mails link to it. Ends in a slash. */
  readonly publicUrl: string;
};

/** Reads the settings of the notifications service and of its worker. @throws ConfigurationError with all faults */
export function loadNotificationsConfig(env: Environment): NotificationsConfig {
  const read = parseEnvironment(env, {
    ...subgraphVariables({ port: 4003, adminPort: 9003 }),
    USERS_URL: optional(url()),
    SMTP_URL: url(),
    MAIL_FROM: text("Tributary <no-reply@tributary.example>"),
    PUBLIC_URL: url(),
  });
  return {
    ...readSubgraphConfig(read),
    usersUrl: read.USERS_URL,
    mail: { smtpUrl: read.SMTP_URL, from: read.MAIL_FROM },
    publicUrl: read.PUBLIC_URL.endsWith("/") ? read.PUBLIC_URL : `${read.PUBLIC_URL}/`,
  };
}
