import { renderGithub, renderGitlab } from "./render-annotations.ts";
import { renderJunit } from "./render-junit.ts";
import { renderMarkdown } from "./render-markdown.ts";
import { renderPretty } from "./render-pretty.ts";
import { renderSarif } from "./render-sarif.ts";
import type { Report } from "./report.ts";
import { visibleReport } from "./shown-text.ts";

export const formats = ["pretty", "json", "markdown", "github", "gitlab", "junit", "sarif"] as const;
export type Format = (typeof formats)[number];

export interface RenderOptions {
  readonly color: boolean;
  readonly verbose: boolean;
  readonly toolVersion: string;
}

/** The report in one format. The same report gives the same bytes. */
export function render(report: Report, format: Format, options: RenderOptions): string {
  switch (format) {
    case "pretty":
      return renderPretty(visibleReport(report), options);
    case "json":
      return `${JSON.stringify(report, null, 2)}\n`;
    case "markdown":
      return renderMarkdown(visibleReport(report));
    case "github":
      return renderGithub(visibleReport(report));
    case "gitlab":
      return renderGitlab(visibleReport(report));
    case "junit":
      return renderJunit(visibleReport(report));
    case "sarif":
      return renderSarif(report, options.toolVersion);
  }
}
