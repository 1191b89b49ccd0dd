package lienthong.gateway.cli;

import java.io.InputStream;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.Optional;
import lienthong.gateway.environment.Clock;
import lienthong.gateway.environment.Randomness;

/**
 * What a command finds around it; main reads it from the process, tests make it up.
 *
 * @param language value of {@code LC_ALL}, {@code LC_MESSAGES} or {@code LANG}, the first that is set; empty if none
 * @param data value of {@code LIENTHONG_DATA}
 * @param folder the working folder, absolute
 * @param in standard input
 * @param out standard output, UTF-8
 * @param err standard error, UTF-8
 * @param prompt asks at the terminal without echo; empty where there is none
 * @param folders what lies in a data folder
 * @param version of the program
 */
public record Surroundings(
        String language,
        Optional<String> data,
        Path folder,
        InputStream in,
        PrintWriter out,
        PrintWriter err,
        Optional<Prompt> prompt,
        Clock clock,
        Randomness randomness,
        NodeRunner runner,
        DataFolders folders,
        String version) {
    /** Asks at the terminal. */
    public interface Prompt {
        /** Without echo; the caller overwrites the array. */
        char[] secret(String question);

        /** With echo. */
        String line(String question);
    }
}
