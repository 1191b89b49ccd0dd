/**
 * The bytes on disk that log, archive and spool have in common: file header, record, group, and how a damaged file is read on. Drawn in
 * {@code docs/spec/store.md}.
 *
 * <p>May know: {@code message}, {@code environment}. Never knows: what is in a record.
 */
@NullMarked
package lienthong.gateway.store.record;

import org.jspecify.annotations.NullMarked;
