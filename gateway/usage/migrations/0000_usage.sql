-- Counts of one day as Redis had them when they were last rolled up. An epoch is one life of the day in Redis: should Redis
-- lose the day and begin to count again, both lives are kept, and their sum is what was counted.
CREATE TABLE "usage_daily" (
  "day" date NOT NULL,
  "supergraph" text NOT NULL,
  "operation" text NOT NULL,
  "operation_name" text,
  "client" text NOT NULL,
  "version" text NOT NULL,
  "epoch" uuid NOT NULL,
  "requests" bigint NOT NULL,
  "errors" bigint NOT NULL,
  "last_seen" timestamptz NOT NULL,
  PRIMARY KEY ("day", "supergraph", "operation", "client", "version", "epoch")
);
--> statement-breakpoint
CREATE TABLE "usage_operation" (
  "operation" text PRIMARY KEY,
  "name" text,
  "text" text NOT NULL,
  "last_day" date NOT NULL
);
