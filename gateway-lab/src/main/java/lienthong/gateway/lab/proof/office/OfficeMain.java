package lienthong.gateway.lab.proof.office;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.Callable;

/**
 * The programs of one office, or of several, as one process: for each {@code NAME=VALUE…}, first {@code data} (the node's folder), then {@code address}, {@code ledgers} (folder),
 * {@code run} (goes into every id), {@code seed}, {@code to} (addresses, by commas; empty: sends nothing), {@code open}, {@code rate},
 * {@code spooled}, {@code large}, {@code large-bytes}, {@code dies}. On standard input come orders, each a line with the office's address and
 * a word: {@code quiet} (make no new
 * message) and {@code speak}, {@code hold} (take nothing) and {@code take}, {@code forget} (the samples of evidence). When it ends no new message is
 * made; the process works on until it is ended.
 */
public final class OfficeMain {
    private static final long TALLY_MILLIS = 250;

    private OfficeMain() {}

    @SuppressWarnings("SystemExitOutsideMain") // the process is this class
    public static void main(String[] arguments) throws Exception {
        List<Map<String, String>> offices = new ArrayList<>();
        for (String argument : arguments) {
            String[] split = argument.split("=", 2);
            if (split[0].equals("data")) {
                offices.add(new HashMap<>());
            }
            offices.get(offices.size() - 1).put(split[0], split[1]);
        }
        Map<String, Tally> tallies = new LinkedHashMap<>();
        List<Thread> threads = new ArrayList<>();
        for (Map<String, String> given : offices) {
            Tally tally = new Tally(Path.of(need(given, "ledgers")).resolve(need(given, "address") + ".tally"));
            tallies.put(need(given, "address"), tally);
            threads.addAll(programs(given, tally));
        }
        Thread input = thread("input", () -> {
            BufferedReader orders = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
            for (String order = orders.readLine(); order != null; order = orders.readLine()) {
                String[] words = order.split(" ", 2);
                obey(words[1], Objects.requireNonNull(tallies.get(words[0]), order));
            }
            tallies.values().forEach(Tally::settle);
            return true;
        });
        input.setDaemon(true);
        input.start();
        threads.forEach(Thread::start);
        while (true) {
            for (Tally tally : tallies.values()) {
                tally.write();
            }
            Thread.sleep(TALLY_MILLIS);
        }
    }

    /** Sender and receiver of one office. */
    private static List<Thread> programs(Map<String, String> given, Tally tally) throws IOException {
        Path data = Path.of(need(given, "data"));
        String address = need(given, "address");
        Path ledgers = Path.of(need(given, "ledgers"));
        long seed = Long.parseLong(need(given, "seed"));
        List<Thread> threads = new ArrayList<>();
        if (!need(given, "to").isEmpty()) {
            Load load = new Load(
                    address,
                    List.of(need(given, "to").split(",", -1)),
                    need(given, "run"),
                    seed,
                    number(given, "spooled"),
                    number(given, "large"),
                    number(given, "large-bytes"));
            Sender sender = new Sender(
                    data,
                    address,
                    load,
                    Ledger.append(ledgers.resolve(address + ".sender.tsv")),
                    Ids.append(ledgers.resolve(address + ".ids.tsv")),
                    number(given, "open"),
                    number(given, "rate"),
                    tally);
            threads.add(thread("sender " + address, () -> {
                sender.run();
                return true;
            }));
        }
        Receiver receiver = new Receiver(
                data,
                address,
                Ledger.append(ledgers.resolve(address + ".receiver.tsv")),
                number(given, "dies"),
                seed + 1,
                tally);
        threads.add(thread("receiver " + address, () -> {
            receiver.run();
            return true;
        }));
        return threads;
    }

    private static void obey(String order, Tally tally) throws IOException {
        switch (order) {
            case "quiet", "speak" -> tally.quiet(order.equals("quiet"));
            case "hold", "take" -> tally.hold(order.equals("hold"));
            case "forget" -> tally.forget();
            default -> throw new IOException("no such order: " + order);
        }
    }

    /** A thread whose failure ends the process: an office that has stopped working must not look idle. */
    private static Thread thread(String name, Callable<Boolean> work) {
        return new Thread(
                () -> {
                    try {
                        Boolean unused = work.call();
                    } catch (InterruptedException stopped) {
                        Thread.currentThread().interrupt();
                    } catch (Exception | Error failed) {
                        die(failed);
                    }
                },
                name);
    }

    @SuppressWarnings({"SystemExitOutsideMain", "SystemOut", "PrintStackTrace"})
    private static void die(Throwable failed) {
        failed.printStackTrace();
        System.exit(70);
    }

    private static String need(Map<String, String> given, String name) throws IOException {
        String value = given.get(name);
        if (value == null) {
            throw new IOException("missing " + name + "=");
        }
        return value;
    }

    private static int number(Map<String, String> given, String name) throws IOException {
        return Integer.parseInt(need(given, name));
    }
}
