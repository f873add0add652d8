CREATE TABLE "activity" (
	"workspace_id" text NOT NULL,
	"task_id" text NOT NULL,
	"id" text NOT NULL,
	"kind" text NOT NULL,
	"actor_id" text NOT NULL,
	"changes" jsonb NOT NULL,
	"occurred_at" timestamp(3) with time zone NOT NULL,
	CONSTRAINT "activity_workspace_id_task_id_id_pk" PRIMARY KEY("workspace_id","task_id","id")
) PARTITION BY RANGE ("id");
--> statement-breakpoint
CREATE TABLE "comment" (
	"workspace_id" text NOT NULL,
	"id" text NOT NULL,
	"task_id" text NOT NULL,
	"author_id" text NOT NULL,
	"body" text NOT NULL,
	"mention_ids" text[] DEFAULT '{}' NOT NULL,
	"version" integer DEFAULT 1 NOT NULL,
	"created_at" timestamp(3) with time zone NOT NULL,
	CONSTRAINT "comment_workspace_id_id_pk" PRIMARY KEY("workspace_id","id")
);
--> statement-breakpoint
CREATE TABLE "consumed_event" (
	"consumer" text NOT NULL,
	"event_id" text NOT NULL,
	"consumed_at" timestamp with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "consumed_event_consumer_event_id_pk" PRIMARY KEY("consumer","event_id")
);
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
CREATE TABLE "idempotency_key" (
	"principal" text NOT NULL,
	"field" text NOT NULL,
	"key" text NOT NULL,
	"input_hash" text NOT NULL,
	"payload" jsonb,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "idempotency_key_principal_field_key_pk" PRIMARY KEY("principal","field","key")
);
--> statement-breakpoint
CREATE TABLE "label" (
	"workspace_id" text NOT NULL,
	"id" text NOT NULL,
	"name" text NOT NULL,
	"color" text NOT NULL,
	"version" integer DEFAULT 1 NOT NULL,
	CONSTRAINT "label_workspace_id_id_pk" PRIMARY KEY("workspace_id","id")
);
--> statement-breakpoint
CREATE TABLE "member" (
	"workspace_id" text NOT NULL,
	"user_id" text NOT NULL,
	"membership_id" text NOT NULL,
	"role" text NOT NULL,
	"removed" boolean NOT NULL,
	"version" integer NOT NULL,
	CONSTRAINT "member_workspace_id_user_id_pk" PRIMARY KEY("workspace_id","user_id")
);
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
	"id" text NOT NULL,
	"key" text NOT NULL,
	"name" text NOT NULL,
	"description" text,
	"visibility" text NOT NULL,
	"lead_id" text,
	"creator_id" text NOT NULL,
	"last_number" integer DEFAULT 0 NOT NULL,
	"version" integer DEFAULT 1 NOT NULL,
	"created_at" timestamp(3) with time zone NOT NULL,
	CONSTRAINT "project_workspace_id_id_pk" PRIMARY KEY("workspace_id","id")
);
--> statement-breakpoint
CREATE TABLE "project_member" (
	"workspace_id" text NOT NULL,
	"project_id" text NOT NULL,
	"user_id" text NOT NULL,
	"added_at" timestamp(3) with time zone NOT NULL,
	CONSTRAINT "project_member_workspace_id_project_id_user_id_pk" PRIMARY KEY("workspace_id","project_id","user_id")
);
--> statement-breakpoint
CREATE TABLE "task" (
	"workspace_id" text NOT NULL,
	"id" text NOT NULL,
	"project_id" text NOT NULL,
	"identifier" text NOT NULL,
	"title" text NOT NULL,
	"description" text,
	"status" text NOT NULL,
	"priority" smallint NOT NULL,
	"rank" text NOT NULL,
	"due_date" date,
	"creator_id" text NOT NULL,
	"parent_id" text,
	"assignee_ids" text[] DEFAULT '{}' NOT NULL,
	"label_ids" text[] DEFAULT '{}' NOT NULL,
	"comment_count" integer DEFAULT 0 NOT NULL,
	"subtask_total" integer DEFAULT 0 NOT NULL,
	"subtask_done" integer DEFAULT 0 NOT NULL,
	"lifecycle" text DEFAULT 'ACTIVE' NOT NULL,
	"version" integer DEFAULT 1 NOT NULL,
	"created_at" timestamp(3) with time zone NOT NULL,
	"updated_at" timestamp(3) with time zone NOT NULL,
	"completed_at" timestamp(3) with time zone,
	CONSTRAINT "task_workspace_id_id_pk" PRIMARY KEY("workspace_id","id")
);
--> statement-breakpoint
CREATE TABLE "task_dependency" (
	"workspace_id" text NOT NULL,
	"task_id" text NOT NULL,
	"blocked_by_id" text NOT NULL,
	CONSTRAINT "task_dependency_workspace_id_task_id_blocked_by_id_pk" PRIMARY KEY("workspace_id","task_id","blocked_by_id")
);
--> statement-breakpoint
CREATE TABLE "user_profile" (
	"user_id" text PRIMARY KEY NOT NULL,
	"display_name" text NOT NULL,
	"avatar_url" text,
	"version" integer NOT NULL
);
--> statement-breakpoint
CREATE TABLE "workspace" (
	"workspace_id" text NOT NULL,
	"slug" text NOT NULL,
	"name" text NOT NULL,
	"version" integer NOT NULL,
	CONSTRAINT "workspace_workspace_id_pk" PRIMARY KEY("workspace_id")
);
--> statement-breakpoint
CREATE INDEX "comment_by_task" ON "comment" USING btree ("workspace_id","task_id","id");--> statement-breakpoint
CREATE INDEX "consumed_event_consumed_at" ON "consumed_event" USING btree ("consumed_at");--> statement-breakpoint
CREATE INDEX "idempotency_key_created_at" ON "idempotency_key" USING btree ("created_at");--> statement-breakpoint
CREATE UNIQUE INDEX "label_name" ON "label" USING btree ("workspace_id",lower("name"));--> statement-breakpoint
CREATE INDEX "member_by_user" ON "member" USING btree ("user_id","workspace_id");--> statement-breakpoint
CREATE INDEX "outbox_delivery_check_at" ON "outbox_delivery" USING btree ("check_at");--> statement-breakpoint
CREATE UNIQUE INDEX "project_key" ON "project" USING btree ("workspace_id","key");--> statement-breakpoint
CREATE INDEX "project_private" ON "project" USING btree ("workspace_id","id") WHERE visibility = 'PRIVATE';--> statement-breakpoint
CREATE INDEX "project_member_by_user" ON "project_member" USING btree ("workspace_id","user_id","project_id");--> statement-breakpoint
CREATE UNIQUE INDEX "task_identifier" ON "task" USING btree ("workspace_id","identifier");--> statement-breakpoint
CREATE UNIQUE INDEX "task_rank_in_project" ON "task" USING btree ("workspace_id","project_id","rank");--> statement-breakpoint
CREATE INDEX "task_rank" ON "task" USING btree ("workspace_id","rank","id");--> statement-breakpoint
CREATE INDEX "task_status" ON "task" USING btree ("workspace_id","project_id","status","rank");--> statement-breakpoint
CREATE INDEX "task_parent" ON "task" USING btree ("workspace_id","parent_id","rank") WHERE parent_id is not null;--> statement-breakpoint
CREATE INDEX "task_updated" ON "task" USING btree ("workspace_id","updated_at","id");--> statement-breakpoint
CREATE INDEX "task_due" ON "task" USING btree ("workspace_id",coalesce(due_date, 'infinity'::date),"id");--> statement-breakpoint
CREATE INDEX "task_priority" ON "task" USING btree ("workspace_id","priority","id");--> statement-breakpoint
CREATE INDEX "task_creator" ON "task" USING btree ("workspace_id","creator_id");--> statement-breakpoint
CREATE INDEX "task_assignees" ON "task" USING gin ("assignee_ids") WITH (fastupdate=false);--> statement-breakpoint
CREATE INDEX "task_labels" ON "task" USING gin ("label_ids") WITH (fastupdate=false);--> statement-breakpoint
CREATE INDEX "task_dependency_reverse" ON "task_dependency" USING btree ("workspace_id","blocked_by_id","task_id");