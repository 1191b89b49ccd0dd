package lienthong.gateway.message;

/** Độ mật: the State's secrecy mark of a message, in the signed header, never lowered on the way. */
public enum SecrecyMark {
    /** No mark: may travel on the network. */
    NONE("none", "không"),
    /** Mật: only when enciphered by a provider of the State cipher service. */
    CONFIDENTIAL("mat", "mật"),
    /** Tối mật: never on this network. */
    SECRET("toi-mat", "tối mật"),
    /** Tuyệt mật: never on this network. */
    TOP_SECRET("tuyet-mat", "tuyệt mật");

    private final String word;
    private final String vietnamese;

    SecrecyMark(String word, String vietnamese) {
        this.word = word;
        this.vietnamese = vietnamese;
    }

    /** The word in the core: {@code none}, {@code mat}, {@code toi-mat}, {@code tuyet-mat}. */
    public String word() {
        return word;
    }

    public String vietnamese() {
        return vietnamese;
    }

    /** By its word in the core; {@code FIELD_MISSING} when there is no such mark. */
    public static Result<SecrecyMark> ofWord(String word) {
        for (SecrecyMark mark : values()) {
            if (mark.word.equals(word)) {
                return Result.ok(mark);
            }
        }
        return Result.no(ErrorCode.FIELD_MISSING, "secrecy mark is none, mat, toi-mat or tuyet-mat");
    }
}
