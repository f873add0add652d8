-- The second wall behind the checks in code. Role tributary_app sees and writes rows of the user, or the workspace, that the
-- transaction acts for, and nothing without one; tributary_reader only reads, and carries the tenant in its SQL.
-- Infrastructure tables (outbox, feeds, consumed events) belong to no tenant.
DO $$
DECLARE
	owned record;
BEGIN
	FOR owned IN
		SELECT * FROM (VALUES
			('inbox', 'user_id', 'app.user_id'),
			('notification', 'user_id', 'app.user_id'),
			('delivery', 'recipient_id', 'app.user_id'),
			('user_profile', 'user_id', 'app.user_id'),
			('workspace_member', 'workspace_id', 'app.workspace_id'),
			('project', 'workspace_id', 'app.workspace_id'),
			('project_member', 'workspace_id', 'app.workspace_id'),
			('task', 'workspace_id', 'app.workspace_id'),
			('task_watch', 'workspace_id', 'app.workspace_id')
		) AS t (table_name, column_name, setting)
	LOOP
		EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', owned.table_name);
		EXECUTE format(
			'CREATE POLICY tenant ON %I FOR ALL TO tributary_app USING (%I = current_setting(%L, true)) WITH CHECK (%I = current_setting(%L, true))',
			owned.table_name, owned.column_name, owned.setting, owned.column_name, owned.setting
		);
		EXECUTE format('CREATE POLICY readers ON %I FOR SELECT TO tributary_reader USING (true)', owned.table_name);
	END LOOP;
END $$;
--> statement-breakpoint
-- The row is rewritten with each change of the inbox: room for that on its page.
ALTER TABLE "inbox" SET (fillfactor = 50);
