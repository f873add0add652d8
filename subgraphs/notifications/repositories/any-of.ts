import { type AnyColumn, type SQL, sql } from "drizzle-orm";

/** An array as one parameter: the statement's text is the same for any number of values, so it is prepared once. */
export const textArray = (values: readonly string[]): SQL => sql`${sql.param([...values])}::text[]`;

/** True for rows whose column has one of the values. */
export const anyOf = (column: AnyColumn, values: readonly string[]): SQL => sql`${column} = any(${textArray(values)})`;
