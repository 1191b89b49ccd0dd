package lienthong.gateway.config;

import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.function.Function;
import lienthong.gateway.message.Address;
import lienthong.gateway.message.CleanText;
import lienthong.gateway.message.ErrorCode;
import lienthong.gateway.message.Hash;
import lienthong.gateway.message.Limits;
import lienthong.gateway.message.OrganisationId;
import lienthong.gateway.message.Result;
import lienthong.gateway.message.Service;

/** Reads a node's configuration file. A pure function of its text; never gives half a configuration. */
public final class ConfigReader {
    /** Name of the file in the data folder. */
    public static final String FILE = "lienthong.yaml";
    /** A dozen keys and a list of applications. */
    public static final int BYTES_MAX = 256 * 1024;

    private static final int DIAL_MAX = 8;
    private static final int APPLICATIONS_MAX = 256;
    private static final int SERVICES_MAX = 64;
    /** An operator who wants to leave a right open writes it down. */
    private static final String ALL = "all";

    private static final int SOCKET_PATH_BYTES_MAX = 107;

    private ConfigReader() {}

    /** What reading gives. */
    public sealed interface Outcome {
        /** All of it is good. */
        record Read(NodeConfig config) implements Outcome {}

        /** All that is wrong, in the order of the file. */
        record Faulty(List<ConfigFault> faults) implements Outcome {
            public Faulty {
                faults = List.copyOf(faults);
            }
        }
    }

    /**
     * Reads the file's text.
     *
     * @param data the data folder the command was told, absolute; the key {@code data} may stand there and must then name the same
     */
    public static Outcome read(String text, Path data) {
        StrictYaml yaml = new StrictYaml();
        Optional<StrictYaml.Section> root = yaml.read(text, BYTES_MAX);
        Optional<NodeConfig> config = root.flatMap(section -> section(section, data));
        return yaml.faults().isEmpty() && config.isPresent()
                ? new Outcome.Read(config.get())
                : new Outcome.Faulty(yaml.faults());
    }

    private static Optional<NodeConfig> section(StrictYaml.Section file, Path data) {
        String missing = file.has("node") ? "" : file.requiredText("node");
        Optional<OrganisationId> node =
                missing.isEmpty() ? file.value("node", OrganisationId::parse) : Optional.empty();
        Optional<Path> named = file.value("data", ConfigReader::absolute);
        if (named.isPresent() && !named.get().equals(data)) {
            file.fail("data", ErrorCode.PATH, "{0} is not the folder this command was told, {1}", named.get(), data);
        }
        List<HostPort> dial = file.list("dial", DIAL_MAX, ConfigReader::dialled);
        Optional<HostPort> listen = file.value("listen", HostPort::parse);
        Optional<StrictYaml.Section> api = file.section("api");
        boolean group = api.flatMap(section -> section.flag("group")).orElse(false);
        Optional<HostPort> apiListen = api.flatMap(section -> section.value("listen", HostPort::parse));
        api.ifPresent(StrictYaml.Section::end);
        List<NodeConfig.App> applications = applications(file);
        Optional<String> language = file.value("language", ConfigReader::language);
        Optional<Path> passphrase = file.value("key_passphrase_file", ConfigReader::absolute);
        OptionalLong keep = file.number("keep_delivered_days", 1, 60);
        boolean json = file.value("log", ConfigReader::logFormat).orElse("text").equals("json");
        Path socket = data.resolve("run").resolve("api.sock");
        int bytes = socket.toString().getBytes(java.nio.charset.StandardCharsets.UTF_8).length;
        if (bytes > SOCKET_PATH_BYTES_MAX) {
            file.fail(
                    "data",
                    ErrorCode.PATH_TOO_LONG,
                    "{0} has {1} bytes, a socket's path at most {2}",
                    socket,
                    bytes,
                    SOCKET_PATH_BYTES_MAX);
        }
        file.end();
        return node.map(code -> new NodeConfig(
                code,
                data,
                dial,
                listen,
                group,
                apiListen,
                applications,
                language,
                passphrase,
                (int) keep.orElse(NodeConfig.KEEP_DELIVERED_DAYS),
                json));
    }

    private static List<NodeConfig.App> applications(StrictYaml.Section file) {
        List<NodeConfig.App> applications = new ArrayList<>();
        Set<String> names = new HashSet<>();
        List<StrictYaml.Section> sections = file.sections("applications");
        if (sections.size() > APPLICATIONS_MAX) {
            file.fail("applications", ErrorCode.TYPE, "at most {0}", APPLICATIONS_MAX);
        }
        for (StrictYaml.Section section : sections) {
            String name = section.requiredText("name");
            Result<String> clean = CleanText.line("name", name, 64);
            if (!clean.isOk()) {
                section.fail("name", ErrorCode.TYPE, clean.refusal().about());
            } else if (!name.isEmpty() && !names.add(name)) {
                section.fail("name", ErrorCode.DUPLICATE, "{0} is the name of two applications", name);
            }
            OptionalLong uid = section.number("uid", 0, Integer.MAX_VALUE);
            Optional<Hash> certificate = section.value("certificate", ConfigReader::hash);
            if (!section.has("uid") && !section.has("certificate")) {
                section.fail("name", ErrorCode.TYPE, "uid or certificate must say who that is");
            }
            Set<Address> addresses = right(section, "addresses", Limits.RECIPIENTS_MAX, Address::parse);
            Set<Service> services = right(section, "services", SERVICES_MAX, ConfigReader::service);
            section.end();
            applications.add(new NodeConfig.App(
                    name,
                    uid.isPresent() ? Optional.of((int) uid.getAsLong()) : Optional.empty(),
                    certificate,
                    addresses,
                    services));
        }
        return applications;
    }

    /** What an application may use: a list, or the word for everything. Silence gives nothing, so it is a fault and never a right. */
    private static <T> Set<T> right(StrictYaml.Section section, String key, int max, Function<String, Result<T>> rule) {
        if (section.saysWord(key, ALL)) {
            return Set.of();
        }
        List<T> listed = section.list(key, max, rule);
        if (!section.has(key)) {
            section.fail(key, ErrorCode.TYPE, "is missing: list what it may use, or write {0}: {1}", key, ALL);
        } else if (section.isEmptyList(key)) {
            section.fail(key, ErrorCode.TYPE, "lists nothing: list what it may use, or write {0}: {1}", key, ALL);
        }
        return Set.copyOf(listed);
    }

    private static Result<HostPort> dialled(String text) {
        return HostPort.parse(text)
                .then(place -> place.port() > 0
                        ? Result.ok(place)
                        : Result.no(ErrorCode.TYPE, "a port from 1 to 65535 to dial"));
    }

    private static Result<Path> absolute(String text) {
        try {
            Path path = Path.of(text);
            return path.isAbsolute() && !text.isEmpty()
                    ? Result.ok(path.normalize())
                    : Result.no(ErrorCode.PATH, "{0} is not absolute; begin it with /", text);
        } catch (InvalidPathException nul) {
            return Result.no(ErrorCode.PATH, "not a path");
        }
    }

    private static Result<String> language(String text) {
        return text.equals("vi") || text.equals("en") ? Result.ok(text) : Result.no(ErrorCode.TYPE, "vi or en");
    }

    private static Result<String> logFormat(String text) {
        return text.equals("text") || text.equals("json") ? Result.ok(text) : Result.no(ErrorCode.TYPE, "text or json");
    }

    private static Result<Service> service(String text) {
        if (text.equals(ALL)) {
            return Result.no(ErrorCode.TYPE, "as one word, without a list: services: {0}", ALL);
        }
        Result<Service> service = Service.parse(text);
        return service.isOk()
                ? service
                : Result.no(ErrorCode.TYPE, service.refusal().about());
    }

    private static Result<Hash> hash(String text) {
        Hash hash = Hash.parse(text);
        return hash == null
                ? Result.no(ErrorCode.TYPE, "SHA-256 of the certificate, 64 digits 0-9 a-f")
                : Result.ok(hash);
    }
}
