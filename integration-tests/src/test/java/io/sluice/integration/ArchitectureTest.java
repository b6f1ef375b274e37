package io.sluice.integration;

import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideOutsideOfPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import org.junit.jupiter.api.Test;

/** The arrows between modules and packages point one way (DESIGN, modules). Production classes only. */
final class ArchitectureTest {
    private static final JavaClasses CLASSES = new ClassFileImporter()
            .withImportOption(new ImportOption.DoNotIncludeTests())
            .withImportOption(location -> !location.contains("-tests.jar"))
            .importPackages("io.sluice");

    @Test
    void everyModuleIsLookedAt() {
        for (String name : new String[] {"io.sluice.config", "io.sluice.storage", "io.sluice.target"}) {
            assertTrue(CLASSES.stream().anyMatch(c -> c.getPackageName().startsWith(name)), name);
        }
    }

    @Test
    void configImportsNobody() {
        noClasses()
                .that()
                .resideInAPackage("io.sluice.config..")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage("io.sluice.storage..", "io.sluice.target..", "io.sluice.integration..")
                .check(CLASSES);
    }

    @Test
    void storageKnowsNothingOfTheTarget() {
        noClasses()
                .that()
                .resideInAPackage("io.sluice.storage..")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage("io.sluice.target..", "org.jscsi..")
                .check(CLASSES);
    }

    @Test
    void nobodyImportsTheIntegrationTests() {
        noClasses()
                .that()
                .resideOutsideOfPackage("io.sluice.integration..")
                .should()
                .dependOnClassesThat()
                .resideInAPackage("io.sluice.integration..")
                .check(CLASSES);
    }

    @Test
    void theProtocolKnowsNothingOfStorage() {
        noClasses()
                .that()
                .resideInAPackage("io.sluice.target.iscsi..")
                .should()
                .dependOnClassesThat(resideInAPackage("io.sluice.storage..")
                        .and(resideOutsideOfPackage("io.sluice.storage.runtime..")))
                .because("the injected clock is all that the protocol shares with the engine")
                .check(CLASSES);
    }

    @Test
    void theAwsSdkIsSeenByOnePackageOnly() {
        onlyOne("io.sluice.storage.object.s3..", "software.amazon.awssdk..", "org.reactivestreams..");
    }

    @Test
    void chronicleMapIsSeenByOnePackageOnly() {
        onlyOne("io.sluice.storage.index..", "net.openhft..");
    }

    @Test
    void bouncyCastleIsSeenByOnePackageOnly() {
        onlyOne("io.sluice.storage.crypto..", "org.bouncycastle..");
    }

    @Test
    void packagesOfStorageAreFreeOfCycles() {
        slices().matching("io.sluice.storage.(**)").should().beFreeOfCycles().check(CLASSES);
    }

    @Test
    void packagesOfTheTargetAreFreeOfCycles() {
        slices().matching("io.sluice.target.(**)")
                .should()
                .beFreeOfCycles()
                .allowEmptyShould(true)
                .check(CLASSES);
    }

    private static void onlyOne(String insider, String... libraries) {
        DescribedPredicate<JavaClass> inLibrary = JavaClass.Predicates.resideInAPackage(libraries[0]);
        boolean seen = CLASSES.that(JavaClass.Predicates.resideInAPackage(insider)).stream()
                .flatMap(insiderClass -> insiderClass.getDirectDependenciesFromSelf().stream())
                .anyMatch(dependency -> inLibrary.test(dependency.getTargetClass()));
        assertTrue(seen, insider + " itself does not use " + libraries[0] + ": the rule would see nothing");
        noClasses()
                .that()
                .resideOutsideOfPackage(insider)
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage(libraries)
                .check(CLASSES);
    }
}
