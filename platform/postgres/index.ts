export type { Database, DatabaseSession, ReadDatabase, Transaction, TransactionScope } from "./database.ts";
export type { DatabaseConfig, DatabaseEnvironment } from "./database-config.ts";
export { databaseVariables, readDatabaseConfig } from "./database-config.ts";
export { inOneTransaction, type RunStatement } from "./in-one-transaction.ts";
export { ensureMonthlyPartitions } from "./monthly-partitions.ts";
export { openDatabase } from "./open-database.ts";
export { isUniqueViolation } from "./postgres-errors.ts";
export { runMigrations } from "./run-migrations.ts";
