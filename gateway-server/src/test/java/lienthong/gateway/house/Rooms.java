package lienthong.gateway.house;

import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.Dependency;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.lang.ArchCondition;
import com.tngtech.archunit.lang.ArchRule;
import com.tngtech.archunit.lang.ConditionEvents;
import com.tngtech.archunit.lang.SimpleConditionEvent;
import java.util.Set;
import java.util.function.Predicate;

/** How the rules speak of rooms: a room is a package below {@code lienthong.gateway} with everything under it. */
final class Rooms {
    static final String HOUSE = "lienthong.gateway.";
    static final String GENERATED = "lienthong.proto.";

    private Rooms() {}

    /** The room of a class, or empty when it is not ours. Nested and generated classes belong to their package's room. */
    static String of(JavaClass type) {
        String place = type.getPackageName();
        if (!place.startsWith(HOUSE)) {
            return "";
        }
        int end = place.indexOf('.', HOUSE.length());
        return end < 0 ? place.substring(HOUSE.length()) : place.substring(HOUSE.length(), end);
    }

    static DescribedPredicate<JavaClass> in(String room) {
        return resideInAPackage(HOUSE + room + "..");
    }

    /** A row of the table of rooms: whom a room may know. */
    static ArchRule mayKnow(String room, Set<String> known, String reason) {
        return classes()
                .that(in(room))
                .should(dependOnNothing("on rooms other than " + (known.isEmpty() ? "itself" : known), target -> {
                    String other = of(target);
                    return !other.isEmpty() && !other.equals(room) && !known.contains(other);
                }))
                .because(reason)
                .allowEmptyShould(true);
    }

    /** Fails for each dependency whose target is {@code forbidden}, and names both ends. */
    static ArchCondition<JavaClass> dependOnNothing(String description, Predicate<JavaClass> forbidden) {
        return new ArchCondition<>("not depend " + description) {
            @Override
            public void check(JavaClass type, ConditionEvents events) {
                for (Dependency dependency : type.getDirectDependenciesFromSelf()) {
                    if (forbidden.test(dependency.getTargetClass())) {
                        events.add(SimpleConditionEvent.violated(type, dependency.getDescription()));
                    }
                }
            }
        };
    }

    /** The simple name of the outermost class: a codec's nested classes are part of the codec. */
    static String outermost(JavaClass type) {
        String name = type.getName().substring(type.getPackageName().length() + 1);
        int nested = name.indexOf('$');
        return nested < 0 ? name : name.substring(0, nested);
    }

    /** Room and outermost class, for lists of exceptions: {@code crypto.SecretBytes}, {@code link.netty.TlsSettings}. */
    static String shortName(JavaClass type) {
        String place = type.getPackageName();
        return (place.startsWith(HOUSE) ? place.substring(HOUSE.length()) : place) + "." + outermost(type);
    }
}
