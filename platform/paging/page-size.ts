import { AppError } from "../errors/index.ts";

/** The number of rows of a page. @throws AppError BAD_USER_INPUT unless it is from 1 to `max` */
export function pageSize(first: number | null | undefined, options: { max: number; default: number }): number {
  if (first == null) return options.default;
  if (!Number.isInteger(first) || first < 1 || first > options.max) {
    throw new AppError("BAD_USER_INPUT", `first must be from 1 to ${options.max}`);
  }
  return first;
}
