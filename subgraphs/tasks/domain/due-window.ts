export type DueWindow = "OVERDUE" | "TODAY" | "NEXT_7_DAYS";
/** Calendar days, both included; null is open. */
export type DayRange = { readonly from: string | null; readonly until: string | null };

/** The days of a window for someone whose clock shows `timeZone`: a due date is a day on their calendar. */
export function dueWindowDays(window: DueWindow, timeZone: string, now: Temporal.Instant = Temporal.Now.instant()): DayRange {
  const today = now.toZonedDateTimeISO(timeZone).toPlainDate();
  switch (window) {
    case "OVERDUE":
      return { from: null, until: today.subtract({ days: 1 }).toString() };
    case "TODAY":
      return { from: today.toString(), until: today.toString() };
    case "NEXT_7_DAYS":
      return { from: today.toString(), until: today.add({ days: 6 }).toString() };
  }
}
