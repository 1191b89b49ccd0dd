package lienthong.gateway.text;

import lienthong.gateway.message.ErrorCode;

/** Writes {@code docs/operating/errors.md} from the list of errors and both catalogues; a test says when the committed page is another. */
public final class ErrorsPage {
    private ErrorsPage() {}

    /** The whole page. */
    public static String markdown() {
        Catalogue vi = Catalogue.in(Language.VIETNAMESE);
        Catalogue en = Catalogue.in(Language.ENGLISH);
        StringBuilder page = new StringBuilder("""
                # Lỗi có số · Numbered errors

                Trang này được sinh từ danh sách lỗi của chương trình; `lienthong errors SỐ` in một mục. Số không bao giờ dùng lại.

                This page is generated from the program's list of errors; `lienthong errors NUMBER` prints one entry. Numbers are never used again.

                *exit* is the exit code of a command, *gRPC* the status of a call when the error is not an outcome, *retry* whether trying again can help.
                """);
        int group = 0;
        for (ErrorCode code : ErrorCode.values()) {
            if (code.number() / 1000 != group) {
                group = code.number() / 1000;
                page.append("\n## LT-")
                        .append(group)
                        .append("xxx ")
                        .append(vi.text("errors.group." + group))
                        .append(" · ")
                        .append(en.text("errors.group." + group))
                        .append("\n");
            }
            page.append("\n### ").append(code.label()).append("\n");
            page.append("exit ").append(code.exitCode());
            page.append(" · gRPC ").append(code.status());
            page.append(" · retry ")
                    .append(code.retry().name().toLowerCase(java.util.Locale.ROOT))
                    .append("\n\n");
            page.append(vi.what(code)).append(" *").append(vi.advice(code)).append("*\n\n");
            page.append(en.what(code)).append(" *").append(en.advice(code)).append("*\n");
        }
        return page.toString();
    }
}
