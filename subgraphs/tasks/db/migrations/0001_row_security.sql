-- Row-level security: the second wall behind the permission checks. The app role reads and writes rows of the tenant its
-- transaction acts for, and no others; the reader role cannot write, and carries the tenant in its SQL.
ALTER TABLE "workspace" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
CREATE POLICY "workspace_own" ON "workspace" FOR ALL TO "tributary_app"
	USING ("workspace_id" = current_setting('app.workspace_id', true)) WITH CHECK ("workspace_id" = current_setting('app.workspace_id', true));--> statement-breakpoint
CREATE POLICY "workspace_reader" ON "workspace" FOR SELECT TO "tributary_reader" USING (true);--> statement-breakpoint
ALTER TABLE "member" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
CREATE POLICY "member_own" ON "member" FOR ALL TO "tributary_app"
	USING ("workspace_id" = current_setting('app.workspace_id', true)) WITH CHECK ("workspace_id" = current_setting('app.workspace_id', true));--> statement-breakpoint
CREATE POLICY "member_reader" ON "member" FOR SELECT TO "tributary_reader" USING (true);--> statement-breakpoint
ALTER TABLE "project" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
CREATE POLICY "project_own" ON "project" FOR ALL TO "tributary_app"
	USING ("workspace_id" = current_setting('app.workspace_id', true)) WITH CHECK ("workspace_id" = current_setting('app.workspace_id', true));--> statement-breakpoint
CREATE POLICY "project_reader" ON "project" FOR SELECT TO "tributary_reader" USING (true);--> statement-breakpoint
ALTER TABLE "project_member" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
CREATE POLICY "project_member_own" ON "project_member" FOR ALL TO "tributary_app"
	USING ("workspace_id" = current_setting('app.workspace_id', true)) WITH CHECK ("workspace_id" = current_setting('app.workspace_id', true));--> statement-breakpoint
CREATE POLICY "project_member_reader" ON "project_member" FOR SELECT TO "tributary_reader" USING (true);--> statement-breakpoint
ALTER TABLE "label" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
CREATE POLICY "label_own" ON "label" FOR ALL TO "tributary_app"
	USING ("workspace_id" = current_setting('app.workspace_id', true)) WITH CHECK ("workspace_id" = current_setting('app.workspace_id', true));--> statement-breakpoint
CREATE POLICY "label_reader" ON "label" FOR SELECT TO "tributary_reader" USING (true);--> statement-breakpoint
ALTER TABLE "task" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
CREATE POLICY "task_own" ON "task" FOR ALL TO "tributary_app"
	USING ("workspace_id" = current_setting('app.workspace_id', true)) WITH CHECK ("workspace_id" = current_setting('app.workspace_id', true));--> statement-breakpoint
CREATE POLICY "task_reader" ON "task" FOR SELECT TO "tributary_reader" USING (true);--> statement-breakpoint
ALTER TABLE "task_dependency" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
CREATE POLICY "task_dependency_own" ON "task_dependency" FOR ALL TO "tributary_app"
	USING ("workspace_id" = current_setting('app.workspace_id', true)) WITH CHECK ("workspace_id" = current_setting('app.workspace_id', true));--> statement-breakpoint
CREATE POLICY "task_dependency_reader" ON "task_dependency" FOR SELECT TO "tributary_reader" USING (true);--> statement-breakpoint
ALTER TABLE "comment" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
CREATE POLICY "comment_own" ON "comment" FOR ALL TO "tributary_app"
	USING ("workspace_id" = current_setting('app.workspace_id', true)) WITH CHECK ("workspace_id" = current_setting('app.workspace_id', true));--> statement-breakpoint
CREATE POLICY "comment_reader" ON "comment" FOR SELECT TO "tributary_reader" USING (true);--> statement-breakpoint
ALTER TABLE "activity" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
CREATE POLICY "activity_own" ON "activity" FOR ALL TO "tributary_app"
	USING ("workspace_id" = current_setting('app.workspace_id', true)) WITH CHECK ("workspace_id" = current_setting('app.workspace_id', true));--> statement-breakpoint
CREATE POLICY "activity_reader" ON "activity" FOR SELECT TO "tributary_reader" USING (true);--> statement-breakpoint
ALTER TABLE "user_profile" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
CREATE POLICY "user_profile_own" ON "user_profile" FOR ALL TO "tributary_app"
	USING ("user_id" = current_setting('app.user_id', true)) WITH CHECK ("user_id" = current_setting('app.user_id', true));--> statement-breakpoint
CREATE POLICY "user_profile_reader" ON "user_profile" FOR SELECT TO "tributary_reader" USING (true);
