-- Row-level security: the second wall behind the permission checks. The app role writes rows of the tenant its transaction acts
-- for, and no others; the reader role cannot write, and carries the tenant in its SQL. Tables without policies for a role are
-- closed to it.
ALTER TABLE "users" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
ALTER TABLE "credential" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
ALTER TABLE "user_session" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
ALTER TABLE "workspace" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
ALTER TABLE "membership" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
ALTER TABLE "invitation" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
CREATE POLICY "users_own" ON "users" FOR ALL TO "tributary_app"
	USING ("user_id" = current_setting('app.user_id', true)) WITH CHECK ("user_id" = current_setting('app.user_id', true));--> statement-breakpoint
-- A sign-in finds its person by address, an invitation its members: people are looked up across tenants, never written so.
CREATE POLICY "users_lookup" ON "users" FOR SELECT TO "tributary_app" USING (true);--> statement-breakpoint
CREATE POLICY "credential_own" ON "credential" FOR ALL TO "tributary_app"
	USING ("user_id" = current_setting('app.user_id', true)) WITH CHECK ("user_id" = current_setting('app.user_id', true));--> statement-breakpoint
CREATE POLICY "user_session_own" ON "user_session" FOR ALL TO "tributary_app"
	USING ("user_id" = current_setting('app.user_id', true)) WITH CHECK ("user_id" = current_setting('app.user_id', true));--> statement-breakpoint
CREATE POLICY "workspace_own" ON "workspace" FOR ALL TO "tributary_app"
	USING ("workspace_id" = current_setting('app.workspace_id', true)) WITH CHECK ("workspace_id" = current_setting('app.workspace_id', true));--> statement-breakpoint
CREATE POLICY "membership_own" ON "membership" FOR ALL TO "tributary_app"
	USING ("workspace_id" = current_setting('app.workspace_id', true)) WITH CHECK ("workspace_id" = current_setting('app.workspace_id', true));--> statement-breakpoint
-- How many workspaces someone is in is theirs to know.
CREATE POLICY "membership_of_user" ON "membership" FOR SELECT TO "tributary_app"
	USING ("user_id" = current_setting('app.user_id', true));--> statement-breakpoint
CREATE POLICY "invitation_own" ON "invitation" FOR ALL TO "tributary_app"
	USING ("workspace_id" = current_setting('app.workspace_id', true)) WITH CHECK ("workspace_id" = current_setting('app.workspace_id', true));--> statement-breakpoint
-- Not for "credential": no read query has a reason to see a password hash.
CREATE POLICY "users_reader" ON "users" FOR SELECT TO "tributary_reader" USING (true);--> statement-breakpoint
CREATE POLICY "user_session_reader" ON "user_session" FOR SELECT TO "tributary_reader" USING (true);--> statement-breakpoint
CREATE POLICY "workspace_reader" ON "workspace" FOR SELECT TO "tributary_reader" USING (true);--> statement-breakpoint
CREATE POLICY "membership_reader" ON "membership" FOR SELECT TO "tributary_reader" USING (true);--> statement-breakpoint
CREATE POLICY "invitation_reader" ON "invitation" FOR SELECT TO "tributary_reader" USING (true);
