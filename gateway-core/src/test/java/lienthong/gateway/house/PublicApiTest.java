package lienthong.gateway.house;

import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import java.io.IOException;
import java.lang.reflect.Constructor;
import java.lang.reflect.Field;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/**
 * The committed list of gateway-core's public types and members, compared on each build: the API changes on purpose only. When it does:
 * {@code mvn -pl gateway-core -am test -Dtest=PublicApiTest -Dsurefire.failIfNoSpecifiedTests=false -Dpublic-api.write}, then read the
 * difference before committing it.
 */
class PublicApiTest {
    private static final Path LIST = Path.of("src", "test", "resources", "public-api.txt");

    @Test
    void publicTypesAndMembersAreThoseOfTheCommittedList() throws Exception {
        Set<String> found = new TreeSet<>();
        for (JavaClass type : new ClassFileImporter()
                .withImportOption(new ImportOption.DoNotIncludeTests())
                .importPackages("lienthong.gateway")) {
            list(Class.forName(type.getName(), false, getClass().getClassLoader()), found);
        }
        if (System.getProperty("public-api.write") != null) {
            write(found);
        }
        Set<String> committed = new TreeSet<>(Files.readAllLines(LIST, StandardCharsets.UTF_8));
        Set<String> added = new TreeSet<>(found);
        added.removeAll(committed);
        Set<String> gone = new TreeSet<>(committed);
        gone.removeAll(found);
        assertThat(added)
                .as("public now and not in public-api.txt; if on purpose, see the comment of this class")
                .isEmpty();
        assertThat(gone)
                .as(
                        "in public-api.txt and gone: this breaks whoever uses it; if on purpose, see the comment of this class")
                .isEmpty();
    }

    private static void write(Set<String> found) throws IOException {
        Files.write(LIST, found, StandardCharsets.UTF_8);
    }

    private static void list(Class<?> type, Set<String> found) {
        if (!isReachable(type)) {
            return;
        }
        String name = type.getName().substring(Rooms.HOUSE.length()).replace('$', '.');
        found.add(name);
        for (Constructor<?> constructor : type.getDeclaredConstructors()) {
            if (isOpen(constructor.getModifiers()) && !constructor.isSynthetic()) {
                found.add(name + " new(" + types(constructor.getParameterTypes()) + ")");
            }
        }
        for (Method method : type.getDeclaredMethods()) {
            if (isOpen(method.getModifiers()) && !method.isSynthetic()) {
                found.add(name + " " + (Modifier.isStatic(method.getModifiers()) ? "static " : "") + method.getName()
                        + "(" + types(method.getParameterTypes()) + "): " + shortName(method.getReturnType()));
            }
        }
        for (Field field : type.getDeclaredFields()) {
            if (isOpen(field.getModifiers()) && !field.isSynthetic()) {
                found.add(name + " " + field.getName() + ": " + shortName(field.getType()));
            }
        }
    }

    private static boolean isReachable(Class<?> type) {
        for (Class<?> outer = type; outer != null; outer = outer.getEnclosingClass()) {
            if (!isOpen(outer.getModifiers()) || outer.isAnonymousClass() || outer.isLocalClass()) {
                return false;
            }
        }
        return true;
    }

    private static boolean isOpen(int modifiers) {
        return Modifier.isPublic(modifiers) || Modifier.isProtected(modifiers);
    }

    private static String types(Class<?>[] types) {
        return Arrays.stream(types).map(PublicApiTest::shortName).collect(Collectors.joining(", "));
    }

    private static String shortName(Class<?> type) {
        String name = type.getTypeName().replace('$', '.');
        return name.startsWith(Rooms.HOUSE)
                ? name.substring(Rooms.HOUSE.length())
                : name.replaceFirst("^java\\.(lang|util)\\.(?=[A-Z])", "");
    }
}
