CREATE TABLE "consumed_event" (
	"consumer" text NOT NULL,
	"event_id" text NOT NULL,
	"consumed_at" timestamp with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "consumed_event_consumer_event_id_pk" PRIMARY KEY("consumer","event_id")
);
--> statement-breakpoint
CREATE TABLE "delivery" (
	"recipient_id" text NOT NULL,
	"id" text NOT NULL,
	"event_id" text NOT NULL,
	"channel" text NOT NULL,
	"notification_id" text,
	"content" jsonb NOT NULL,
	"status" text NOT NULL,
	"attempts" integer DEFAULT 0 NOT NULL,
	"fence" integer DEFAULT 0 NOT NULL,
	"claimed_at" timestamp (3) with time zone,
	"not_before" timestamp (3) with time zone,
	"last_attempt_at" timestamp (3) with time zone,
	"reason" text,
	"possible_duplicate" boolean DEFAULT false NOT NULL,
	"created_at" timestamp (3) with time zone NOT NULL,
	"check_at" timestamp (3) with time zone NOT NULL,
	CONSTRAINT "delivery_recipient_id_id_pk" PRIMARY KEY("recipient_id","id")
) PARTITION BY RANGE ("id");
--> statement-breakpoint
CREATE TABLE "feed_event" (
	"stream" text NOT NULL,
	"seq" bigint NOT NULL,
	"id" text NOT NULL,
	"envelope" jsonb NOT NULL,
	"position" text NOT NULL,
	CONSTRAINT "feed_event_stream_seq_id_pk" PRIMARY KEY("stream","seq","id")
) PARTITION BY RANGE ("id");
--> statement-breakpoint
CREATE TABLE "feed_stream" (
	"stream" text PRIMARY KEY NOT NULL,
	"head" bigint NOT NULL,
	"trimmed" bigint DEFAULT 0 NOT NULL
);
--> statement-breakpoint
CREATE TABLE "inbox" (
	"user_id" text PRIMARY KEY NOT NULL,
	"revision" bigint NOT NULL
);
--> statement-breakpoint
CREATE TABLE "notification" (
	"user_id" text NOT NULL,
	"id" text NOT NULL,
	"kind" text NOT NULL,
	"workspace_id" text,
	"task_id" text,
	"comment_id" text,
	"actor_id" text,
	"title" text NOT NULL,
	"excerpt" text,
	"count" integer DEFAULT 1 NOT NULL,
	"seen_at" timestamp (3) with time zone,
	"read_at" timestamp (3) with time zone,
	"archived_at" timestamp (3) with time zone,
	"created_at" timestamp (3) with time zone NOT NULL,
	"latest_at" timestamp (3) with time zone NOT NULL,
	"revision" bigint NOT NULL,
	CONSTRAINT "notification_user_id_id_pk" PRIMARY KEY("user_id","id")
) PARTITION BY RANGE ("id");
--> statement-breakpoint
CREATE TABLE "outbox" (
	"position" bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY (sequence name "outbox_position_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 1),
	"stream" text,
	"envelope" jsonb NOT NULL,
	"appended_at" timestamp with time zone DEFAULT now() NOT NULL
);
--> statement-breakpoint
CREATE TABLE "outbox_delivery" (
	"event_id" text NOT NULL,
	"queue" text NOT NULL,
	"envelope" jsonb NOT NULL,
	"published_at" timestamp with time zone DEFAULT now() NOT NULL,
	"check_at" timestamp with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "outbox_delivery_event_id_queue_pk" PRIMARY KEY("event_id","queue")
);
--> statement-breakpoint
CREATE TABLE "project" (
	"workspace_id" text NOT NULL,
	"project_id" text NOT NULL,
	"visibility" text NOT NULL,
	"version" integer NOT NULL,
	CONSTRAINT "project_workspace_id_project_id_pk" PRIMARY KEY("workspace_id","project_id")
);
--> statement-breakpoint
CREATE TABLE "project_member" (
	"workspace_id" text NOT NULL,
	"project_id" text NOT NULL,
	"user_id" text NOT NULL,
	"present" boolean NOT NULL,
	"version" integer NOT NULL,
	CONSTRAINT "project_member_workspace_id_project_id_user_id_pk" PRIMARY KEY("workspace_id","project_id","user_id")
);
--> statement-breakpoint
CREATE TABLE "task" (
	"workspace_id" text NOT NULL,
	"task_id" text NOT NULL,
	"project_id" text NOT NULL,
	"identifier" text NOT NULL,
	"title" text NOT NULL,
	"version" integer NOT NULL,
	CONSTRAINT "task_workspace_id_task_id_pk" PRIMARY KEY("workspace_id","task_id")
);
--> statement-breakpoint
CREATE TABLE "task_watch" (
	"workspace_id" text NOT NULL,
	"task_id" text NOT NULL,
	"user_id" text NOT NULL,
	"level" text NOT NULL,
	"since" timestamp (3) with time zone NOT NULL,
	CONSTRAINT "task_watch_workspace_id_task_id_user_id_pk" PRIMARY KEY("workspace_id","task_id","user_id")
);
--> statement-breakpoint
CREATE TABLE "user_profile" (
	"user_id" text PRIMARY KEY NOT NULL,
	"display_name" text NOT NULL,
	"avatar_url" text,
	"email" text NOT NULL,
	"time_zone" text NOT NULL,
	"locale" text NOT NULL,
	"version" integer NOT NULL
);
--> statement-breakpoint
CREATE TABLE "workspace_member" (
	"workspace_id" text NOT NULL,
	"membership_id" text NOT NULL,
	"user_id" text NOT NULL,
	"role" text NOT NULL,
	"removed_at" timestamp (3) with time zone,
	"version" integer NOT NULL,
	CONSTRAINT "workspace_member_workspace_id_membership_id_pk" PRIMARY KEY("workspace_id","membership_id")
);
--> statement-breakpoint
CREATE INDEX "consumed_event_consumed_at" ON "consumed_event" USING btree ("consumed_at");--> statement-breakpoint
CREATE INDEX "delivery_notification" ON "delivery" USING btree ("recipient_id","notification_id");--> statement-breakpoint
CREATE INDEX "delivery_open" ON "delivery" USING btree ("check_at") WHERE status in ('QUEUED', 'RETRYING');--> statement-breakpoint
CREATE INDEX "notification_latest" ON "notification" USING btree ("user_id","latest_at" DESC NULLS LAST,"id" DESC NULLS LAST);--> statement-breakpoint
CREATE INDEX "notification_unread" ON "notification" USING btree ("user_id","latest_at" DESC NULLS LAST,"id" DESC NULLS LAST) WHERE read_at is null and archived_at is null;--> statement-breakpoint
CREATE INDEX "notification_task" ON "notification" USING btree ("user_id","task_id");--> statement-breakpoint
CREATE INDEX "outbox_delivery_check_at" ON "outbox_delivery" USING btree ("check_at");--> statement-breakpoint
CREATE INDEX "task_id" ON "task" USING btree ("task_id");--> statement-breakpoint
CREATE INDEX "task_project" ON "task" USING btree ("workspace_id","project_id");--> statement-breakpoint
CREATE INDEX "task_watch_since" ON "task_watch" USING btree ("workspace_id","task_id","since","user_id");--> statement-breakpoint
CREATE INDEX "task_watch_user" ON "task_watch" USING btree ("workspace_id","user_id");--> statement-breakpoint
CREATE INDEX "workspace_member_user" ON "workspace_member" USING btree ("workspace_id","user_id");