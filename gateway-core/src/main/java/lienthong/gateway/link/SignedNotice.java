package lienthong.gateway.link;

import java.util.Optional;
import lienthong.gateway.message.Bytes;

/**
 * A signed notice as it travels: a skipped number, a re-wrap, a re-join.
 *
 * @param text strict text of the notice, at most 4 KiB
 * @param cms detached CMS over the text
 * @param attachment what the text names by its hash (the new slot of a re-wrap), at most 64 KiB
 */
public record SignedNotice(Bytes text, Bytes cms, Optional<Bytes> attachment) {}
