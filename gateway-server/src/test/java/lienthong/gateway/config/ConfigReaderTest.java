package lienthong.gateway.config;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import lienthong.gateway.message.Address;
import lienthong.gateway.message.ErrorCode;
import lienthong.gateway.message.Service;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Row B34: never starts on half a configuration. */
class ConfigReaderTest {
    private static final Path DATA = Path.of("/var/lib/lienthong");

    private static List<ConfigFault> faults(String text) {
        ConfigReader.Outcome outcome = ConfigReader.read(text, DATA);
        assertThat(outcome).isInstanceOf(ConfigReader.Outcome.Faulty.class);
        return ((ConfigReader.Outcome.Faulty) outcome).faults();
    }

    static Stream<Arguments> b34() {
        return Stream.of(
                Arguments.of("node: A08\nlisen: x:1", ErrorCode.KEY_UNKNOWN, 2, 1, "did you mean listen?"),
                Arguments.of("node: A08\nzzzzzz: 1", ErrorCode.KEY_UNKNOWN, 2, 1, "known are"),
                Arguments.of(
                        "node: A08\napi:\n  grop: true", ErrorCode.KEY_UNKNOWN, 3, 3, "api.grop; did you mean group?"),
                Arguments.of("node: 12", ErrorCode.TYPE, 1, 7, "between quotes"),
                Arguments.of("node: A08\ndial: hub:1", ErrorCode.TYPE, 2, 7, "a list"),
                Arguments.of("node: A08\ndial: [hub]", ErrorCode.TYPE, 2, 8, "host:port"),
                Arguments.of("node: A08\ndial: ['hub:0']", ErrorCode.TYPE, 2, 8, "1 to 65535"),
                Arguments.of("node: A08\nlisten: 'hub:70000'", ErrorCode.TYPE, 2, 9, "host:port"),
                Arguments.of("node: A08\napi: yes", ErrorCode.TYPE, 2, 6, "keys and values"),
                Arguments.of("node: A08\napi: {group: 1}", ErrorCode.TYPE, 2, 14, "true or false"),
                Arguments.of("node: A08\nkeep_delivered_days: 61", ErrorCode.TYPE, 2, 22, "1 to 60"),
                Arguments.of("node: A08\nkeep_delivered_days: x", ErrorCode.TYPE, 2, 22, "1 to 60"),
                Arguments.of("node: A08\nlanguage: fr", ErrorCode.TYPE, 2, 11, "vi or en"),
                Arguments.of("node: A08\nnode: A09", ErrorCode.DUPLICATE, 2, 1, "twice"),
                Arguments.of("node: A08\ndial: ['a:1', 'a:1']", ErrorCode.DUPLICATE, 2, 15, "twice"),
                Arguments.of("node: A08\napi:\n\tgroup: true", ErrorCode.SYNTAX, 3, 1, "tab"),
                Arguments.of("node: [", ErrorCode.SYNTAX, 1, 8, ""),
                Arguments.of("", ErrorCode.SYNTAX, 0, 0, "empty"),
                Arguments.of("node: A08\n---\nnode: A08", ErrorCode.SYNTAX, 3, 1, "second document"),
                Arguments.of("node: &a A08", ErrorCode.SYNTAX, 1, 7, "anchors"),
                Arguments.of("- node", ErrorCode.TYPE, 1, 1, "keys and values"),
                Arguments.of("node: A08\npassphrase: hunter2", ErrorCode.SECRET_IN_CLEAR, 2, 1, "key_passphrase_file"),
                Arguments.of(
                        "node: A08\nkey_password: hunter2", ErrorCode.SECRET_IN_CLEAR, 2, 1, "key_passphrase_file"),
                Arguments.of(
                        "node: A08\nlanguage: '-----BEGIN PRIVATE KEY-----'", ErrorCode.SECRET_IN_CLEAR, 2, 11, "file"),
                Arguments.of("node: A08\nkey_passphrase_file: pass", ErrorCode.PATH, 2, 22, "not absolute"),
                Arguments.of("node: A08\ndata: lienthong", ErrorCode.PATH, 2, 7, "not absolute"),
                Arguments.of("node: A08\ndata: /srv/other", ErrorCode.PATH, 2, 7, "/var/lib/lienthong"),
                Arguments.of("node: A08..1", ErrorCode.ADDRESS_MALFORMED, 1, 7, "position 5"),
                Arguments.of("listen: ':1'\n", ErrorCode.TYPE, 1, 1, "node is missing"),
                Arguments.of(
                        "node: A08\napplications:\n  - name: e\n    addresses: all\n    services: all",
                        ErrorCode.TYPE,
                        3,
                        11,
                        "uid or certificate"),
                Arguments.of(
                        "node: A08\napplications:\n  - {name: e, certificate: ab, addresses: all, services: all}",
                        ErrorCode.TYPE,
                        3,
                        28,
                        "64 digits"),
                Arguments.of(
                        "node: A08\napplications:\n  - {name: e, uid: 1, addresses: [a08], services: all}",
                        ErrorCode.ADDRESS_MALFORMED,
                        3,
                        35,
                        "position 1"),
                Arguments.of(
                        "node: A08\napplications:\n  - {name: e, uid: 1, services: all}",
                        ErrorCode.TYPE,
                        3,
                        5,
                        "addresses: is missing: list what it may use, or write addresses: all"),
                Arguments.of(
                        "node: A08\napplications:\n  - {name: e, uid: 1, addresses: all}",
                        ErrorCode.TYPE,
                        3,
                        5,
                        "services: is missing: list what it may use, or write services: all"),
                Arguments.of(
                        "node: A08\napplications:\n  - {name: e, uid: 1, addresses: [], services: all}",
                        ErrorCode.TYPE,
                        3,
                        34,
                        "addresses: lists nothing"),
                Arguments.of(
                        "node: A08\napplications:\n  - {name: e, uid: 1, addresses: all, services: []}",
                        ErrorCode.TYPE,
                        3,
                        49,
                        "services: lists nothing"),
                Arguments.of(
                        "node: A08\napplications:\n  - {name: e, uid: 1, addresses: ~, services: all}",
                        ErrorCode.TYPE,
                        3,
                        34,
                        "a list"),
                Arguments.of(
                        "node: A08\napplications:\n  - {name: e, uid: 1, addresses: everything, services: all}",
                        ErrorCode.TYPE,
                        3,
                        34,
                        "a list"),
                Arguments.of(
                        "node: A08\napplications:\n  - {name: e, uid: 1, addresses: [all], services: all}",
                        ErrorCode.ADDRESS_MALFORMED,
                        3,
                        35,
                        "position 1"),
                Arguments.of(
                        "node: A08\napplications:\n  - {name: e, uid: 1, addresses: all, services: [all]}",
                        ErrorCode.TYPE,
                        3,
                        50,
                        "services: all"));
    }

    @ParameterizedTest
    @MethodSource
    void b34(String text, ErrorCode reason, int line, int column, String words) {
        ConfigFault fault = faults(text).get(0);
        assertThat(fault.reason()).as(fault.toString()).isEqualTo(reason);
        assertThat(fault.line()).as(fault.toString()).isEqualTo(line);
        assertThat(fault.column()).as(fault.toString()).isEqualTo(column);
        assertThat(fault.detail()).contains(words).doesNotContain("hunter2");
    }

    @Test
    void allFaultsComeInOneGoInTheOrderOfTheFile() {
        assertThat(faults("nod: A08\nlistn: 'x:1'\nlanguage: de\nsecret: x\n"))
                .extracting(ConfigFault::reason)
                .containsExactly(
                        ErrorCode.TYPE,
                        ErrorCode.KEY_UNKNOWN,
                        ErrorCode.KEY_UNKNOWN,
                        ErrorCode.TYPE,
                        ErrorCode.SECRET_IN_CLEAR);
    }

    @Test
    void aSocketPathThatIsTooLongIsSaidBeforeAnythingStarts() {
        Path deep = Path.of("/" + "d".repeat(100));
        ConfigReader.Outcome outcome = ConfigReader.read("node: A08", deep);
        assertThat(((ConfigReader.Outcome.Faulty) outcome).faults().get(0).reason())
                .isEqualTo(ErrorCode.PATH_TOO_LONG);
    }

    @Test
    void readsAWholeFile() {
        ConfigReader.Outcome outcome = ConfigReader.read("""
                # Huyện ủy
                node: A08.01
                data: /var/lib/lienthong
                dial:
                  - hub.example:7878
                  - "[2001:db8::1]:7878"
                listen: 0.0.0.0:7878
                api:
                  group: true
                  listen: 10.0.0.5:7443
                applications:
                  - name: eoffice
                    uid: 1001
                    addresses: [A08.01/eoffice]
                    services: [document, status]
                  - name: other
                    certificate: "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
                    addresses: all
                    services: all
                language: vi
                key_passphrase_file: /etc/lienthong/passphrase
                keep_delivered_days: 3
                log: json
                """, DATA);
        assertThat(outcome).isInstanceOf(ConfigReader.Outcome.Read.class);
        NodeConfig config = ((ConfigReader.Outcome.Read) outcome).config();
        assertThat(config.dial())
                .extracting(HostPort::toString)
                .containsExactly("hub.example:7878", "[2001:db8::1]:7878");
        assertThat(config.applications()).hasSize(2);
        assertThat(config.applications().get(0).addresses())
                .containsExactly(Address.parse("A08.01/eoffice").orBug());
        assertThat(config.applications().get(0).services()).containsExactlyInAnyOrder(Service.DOCUMENT, Service.STATUS);
        assertThat(config.applications().get(1).addresses())
                .as("of the whole node, because the file says so")
                .isEmpty();
        assertThat(config.applications().get(1).services()).isEmpty();
        assertThat(config.socket()).isEqualTo(DATA.resolve("run/api.sock"));
        assertThat(config.keepDeliveredDays()).isEqualTo(3);
        assertThat(config.jsonLog()).isTrue();
    }
}
