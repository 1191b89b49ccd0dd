package lienthong.gateway.lab.house;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import org.junit.jupiter.api.Test;

/** Who may know whom in the lab; each rule gives its reason. */
class LabArchitectureTest {
    private final JavaClasses lab = new ClassFileImporter()
            .withImportOption(new ImportOption.DoNotIncludeTests())
            .importPackages("lienthong.gateway.lab");

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
}
