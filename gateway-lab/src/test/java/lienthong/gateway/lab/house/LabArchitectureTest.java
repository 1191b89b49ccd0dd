package lienthong.gateway.lab.house;

import static com.tngtech.archunit.base.DescribedPredicate.not;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.belongToAnyOf;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import java.time.Instant;
import java.util.Random;
import java.util.UUID;
import java.util.concurrent.Executor;
import java.util.concurrent.ThreadLocalRandom;
import lienthong.gateway.environment.Clock;
import lienthong.gateway.environment.Randomness;
import lienthong.gateway.environment.RealDisk;
import lienthong.gateway.environment.RealLoop;
import lienthong.gateway.lab.simulate.Seeds;
import org.junit.jupiter.api.Test;

/** Who may know whom in the lab; each rule gives its reason. */
class LabArchitectureTest {
    private final JavaClasses lab = new ClassFileImporter()
            .withImportOption(new ImportOption.DoNotIncludeTests())
            .importPackages("lienthong.gateway.lab");

    private final JavaClasses product = new ClassFileImporter()
            .withImportOption(new ImportOption.DoNotIncludeTests())
            .importPackages(
                    "lienthong.gateway.delivery",
                    "lienthong.gateway.routing",
                    "lienthong.gateway.link",
                    "lienthong.gateway.envelope");

    private static DescribedPredicate<JavaClass> gatewayOutside(String... allowed) {
        return DescribedPredicate.describe("another class of the gateway", type -> {
            if (!type.getPackageName().startsWith("lienthong.gateway")) {
                return false;
            }
            for (String own : allowed) {
                if (type.getPackageName().startsWith("lienthong.gateway.lab." + own)) {
                    return false;
                }
            }
            return true;
        });
    }

    @Test
    void theOfficesOfTheProofShareNoCodeWithWhatTheyJudge() {
        noClasses()
                .that()
                .resideInAPackage("lienthong.gateway.lab.proof.office..")
                .should()
                .dependOnClassesThat(gatewayOutside("proof.office", "channel"))
                .because("an oracle that shares code with what it judges repeats its mistakes")
                .check(lab);
        noClasses()
                .that()
                .resideInAPackage("lienthong.gateway.lab.channel..")
                .should()
                .dependOnClassesThat(gatewayOutside("channel"))
                .because("the offices of the proof use it")
                .check(lab);
    }

    @Test
    void theJudgeKnowsLedgersAndNothingElse() {
        noClasses()
                .that()
                .resideInAPackage("lienthong.gateway.lab.proof.oracle..")
                .should()
                .dependOnClassesThat(gatewayOutside("proof.oracle"))
                .because("what was written down decides, not what a program of ours thinks of itself")
                .check(lab);
    }

    @Test
    void theSimulationHasOneThreadOneClockAndOneSeed() {
        noClasses()
                .that()
                .resideInAPackage("lienthong.gateway.lab.simulate..")
                .and(not(belongToAnyOf(Seeds.class).as("what runs whole seeds side by side, each in one thread")))
                .should()
                .callMethod(System.class, "nanoTime")
                .orShould()
                .callMethod(System.class, "currentTimeMillis")
                .orShould()
                .callMethod(System.class, "identityHashCode", Object.class)
                .orShould()
                .callMethod(Instant.class, "now")
                .orShould()
                .callMethod(UUID.class, "randomUUID")
                .orShould()
                .callMethod(Clock.class, "real")
                .orShould()
                .callMethod(Randomness.class, "real")
                .orShould()
                .callConstructor(Random.class)
                .orShould()
                .dependOnClassesThat()
                .belongToAnyOf(Thread.class, Executor.class, ThreadLocalRandom.class, RealLoop.class, RealDisk.class)
                .because("a seed must give the same run wherever and however often it is run")
                .check(lab);
    }

    @Test
    void whatIsSimulatedIsDecidedInTheLoopByItsOwnClockAndRandomness() {
        noClasses()
                .that()
                .resideInAnyPackage(
                        "lienthong.gateway.delivery..",
                        "lienthong.gateway.routing..",
                        "lienthong.gateway.link",
                        "lienthong.gateway.envelope")
                .should()
                .dependOnClassesThat()
                .belongToAnyOf(Thread.class, ThreadLocalRandom.class, Random.class, RealLoop.class, RealDisk.class)
                .orShould()
                .callMethod(System.class, "nanoTime")
                .orShould()
                .callMethod(Instant.class, "now")
                .orShould()
                .callMethod(System.class, "identityHashCode", Object.class)
                .because("these rooms run in the simulation: a seed must give the same run wherever it is run")
                .check(product);
    }
}
