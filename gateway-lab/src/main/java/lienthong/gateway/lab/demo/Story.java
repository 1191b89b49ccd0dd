package lienthong.gateway.lab.demo;

import com.google.gson.JsonObject;
import java.io.PrintStream;
import java.util.EnumMap;
import java.util.Locale;
import java.util.Map;
import java.util.function.LongSupplier;
import lienthong.gateway.lab.LabTexts;

/** What the demonstration says, and which promises held. What was not shown did not hold. Thread-safe. */
final class Story {
    private static final int TABLE_COLUMNS = 74;

    private final PrintStream out;
    private final LabTexts texts;
    private final LongSupplier nanos;
    private final long startedNanos;
    private final Map<Promise, Boolean> shown = new EnumMap<>(Promise.class);
    private int chapter;
    private boolean silent;

    /** @param nanos a clock for spans of time */
    Story(PrintStream out, LabTexts texts, LongSupplier nanos) {
        this.out = out;
        this.texts = texts;
        this.nanos = nanos;
        this.startedNanos = nanos.getAsLong();
    }

    /** Begins a chapter under the title with this key. */
    synchronized void chapter(String key, Object... arguments) {
        print(String.format(Locale.ROOT, "%n%d. %s", ++chapter, texts.text(key, arguments)));
    }

    /** Tells the sentence with this key, with the seconds since the beginning before it. */
    synchronized void say(String key, Object... arguments) {
        line(texts.text(key, arguments));
    }

    /** Tells something that another program said. */
    synchronized void quote(String line) {
        print("            | " + line);
    }

    private void line(String sentence) {
        print(String.format(Locale.ROOT, "   %5.1f s  %s", seconds(), sentence));
    }

    private void print(String line) {
        if (!silent) {
            out.println(line);
            out.flush();
        }
    }

    /** Says no more: the process is being ended. */
    synchronized void silence() {
        silent = true;
    }

    /** Whether a promise held; shown twice, it must hold twice. */
    synchronized void promise(Promise promise, boolean held) {
        shown.merge(promise, held, Boolean::logicalAnd);
        if (!held) {
            line(texts.text("demo.not-held", texts.text("promise." + promise.word())));
        }
    }

    synchronized boolean allHeld() {
        for (Promise promise : Promise.values()) {
            if (!shown.getOrDefault(promise, false)) {
                return false;
            }
        }
        return true;
    }

    double seconds() {
        return (nanos.getAsLong() - startedNanos) / 1e9;
    }

    /** The table of promises and the last sentence, which names those that did not hold. */
    synchronized void summary() {
        print("");
        print("   " + pad(texts.text("demo.table.promise")) + texts.text("demo.table.held"));
        print("   " + "-".repeat(TABLE_COLUMNS + texts.text("demo.table.held").length()));
        StringBuilder broken = new StringBuilder();
        for (Promise promise : Promise.values()) {
            Boolean held = shown.get(promise);
            String word = held == null ? "demo.table.not-shown" : held ? "demo.table.yes" : "demo.table.no";
            print("   " + pad(texts.text("promise." + promise.word())) + texts.text(word));
            if (held == null || !held) {
                broken.append(broken.length() == 0 ? "" : ", ").append(promise.word());
            }
        }
        print("");
        String seconds = String.format(Locale.ROOT, "%.0f", seconds());
        print("   " + (allHeld() ? texts.text("demo.all-held", seconds) : texts.text("demo.broken", broken, seconds)));
    }

    private static String pad(String text) {
        return text + " ".repeat(Math.max(1, TABLE_COLUMNS - text.codePointCount(0, text.length())));
    }

    /** {@code {"ok","promises":{NAME:bool},"seconds"}}. */
    synchronized JsonObject json() {
        JsonObject promises = new JsonObject();
        for (Promise promise : Promise.values()) {
            promises.addProperty(promise.word(), shown.getOrDefault(promise, false));
        }
        JsonObject json = new JsonObject();
        json.addProperty("ok", allHeld());
        json.add("promises", promises);
        json.addProperty("seconds", Math.round(seconds() * 10) / 10.0);
        return json;
    }
}
