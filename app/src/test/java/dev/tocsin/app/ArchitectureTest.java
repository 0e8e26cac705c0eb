package dev.tocsin.app;

import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.fields;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.lang.ArchRule;
import io.vertx.core.AbstractVerticle;
import io.vertx.core.VerticleBase;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.NullMarked;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/** The walls of the suite: which module may know which, and what lies inside a service. */
class ArchitectureTest {
  private static final JavaClasses ALL =
      new ClassFileImporter()
          .withImportOption(new ImportOption.DoNotIncludeTests())
          .importPackages("dev.tocsin");

  /** Module package to the module packages it may depend on. */
  private static final Map<String, List<String>> MAY_USE =
      Map.of(
          "common", List.of(),
          "embedded", List.of(),
          "promql", List.of(),
          "otlp", List.of("common"),
          "segment", List.of("common", "otlp"),
          "ingest", List.of("common", "otlp"),
          "storage", List.of("common", "otlp", "segment", "promql"),
          "alert", List.of("common", "otlp", "promql"),
          "incident", List.of("common"),
          "console", List.of("common"));

  private static final List<String> SERVICES =
      List.of("ingest", "storage", "alert", "incident", "console");

  private static final int FILES_WITHOUT_A_REASON = 25;
  private static final int FAN_OUT_WITHOUT_A_REASON = 12;

  @TestFactory
  List<DynamicTest> module_usesOnlyTheModulesItMay() {
    return MAY_USE.entrySet().stream()
        .map(
            module -> {
              List<String> others =
                  MAY_USE.keySet().stream()
                      .filter(m -> !m.equals(module.getKey()) && !module.getValue().contains(m))
                      .map(ArchitectureTest::everythingIn)
                      .collect(Collectors.toList());
              others.add(everythingIn("app"));
              others.add(everythingIn("testkit"));
              ArchRule rule =
                  noClasses()
                      .that(resideInAPackage(everythingIn(module.getKey())))
                      .should()
                      .dependOnClassesThat(resideInAnyPackage(others.toArray(String[]::new)));
              return DynamicTest.dynamicTest(module.getKey(), () -> rule.check(ALL));
            })
        .toList();
  }

  @Test
  void promql_knowsTheJdkOnly() {
    classes()
        .that(resideInAPackage(everythingIn("promql")))
        .should()
        .onlyDependOnClassesThat(
            resideInAnyPackage(
                "java..",
                "org.jspecify..",
                "com.google.errorprone.annotations..",
                everythingIn("promql")))
        .check(ALL);
  }

  @Test
  void ingestAndAlert_workWithoutADatabase() {
    noClasses()
        .that(resideInAnyPackage(everythingIn("ingest"), everythingIn("alert")))
        .should()
        .dependOnClassesThat(
            resideInAnyPackage(
                "io.vertx.sqlclient..", "io.vertx.pgclient..", "dev.tocsin.common.postgres.."))
        .check(ALL);
  }

  @Test
  void app_seesOnlyServicesAndTheirConfigs() {
    String[] inside = SERVICES.stream().map(s -> "dev.tocsin." + s + ".*..").toArray(String[]::new);
    noClasses()
        .that(resideInAPackage(everythingIn("app")))
        .should()
        .dependOnClassesThat(
            resideInAnyPackage(inside)
                .and(DescribedPredicate.not(resideInAPackage("dev.tocsin.*.service"))))
        .check(ALL);
  }

  @Test
  void segment_knowsNeitherKafkaNorADatabaseNorVertx() {
    noClasses()
        .that(resideInAPackage(everythingIn("segment")))
        .should()
        .dependOnClassesThat(resideInAnyPackage("org.apache.kafka..", "io.vertx..", "io.netty.."))
        .check(ALL);
  }

  /** Package by package, roots included: what is put together there must not be needed below. */
  @Test
  void packages_doNotDependOnEachOtherInCircles() {
    assertThat(new PackageMap(ALL).circles()).isEmpty();
  }

  /** Whoever opens a large package, or one that knows many others, is told why it is one. */
  @Test
  void largePackages_sayWhy() {
    PackageMap map = new PackageMap(ALL);
    assertThat(map.packages())
        .filteredOn(
            name ->
                map.files(name) > FILES_WITHOUT_A_REASON
                    || map.fanOut(name) > FAN_OUT_WITHOUT_A_REASON)
        .allSatisfy(name -> assertThat(packageInfo(name)).as(name).contains("One package because"));
  }

  private static String packageInfo(String name) {
    String file = "src/main/java/" + name.replace('.', '/') + "/package-info.java";
    try (Stream<Path> modules = Files.list(Path.of("..").toAbsolutePath())) {
      Path found =
          modules.map(module -> module.resolve(file)).filter(Files::exists).findAny().orElseThrow();
      return Files.readString(found).replace("\n *", "").replaceAll(" +", " ");
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** A name that stands for two things sends whoever looks for it to the wrong one. */
  @Test
  void simpleNames_standForOneThing() {
    Map<String, List<String>> places =
        ALL.stream()
            .filter(type -> type.isTopLevelClass() && !type.getSimpleName().equals("package-info"))
            .collect(
                Collectors.groupingBy(
                    JavaClass::getSimpleName,
                    Collectors.mapping(JavaClass::getName, Collectors.toList())));
    assertThat(places.values()).allSatisfy(names -> assertThat(names).hasSize(1));
  }

  @Test
  void services_keepJdbcAndTheirOwnStaticStateOut() {
    noClasses()
        .that(DescribedPredicate.not(resideInAPackage(everythingIn("testkit"))))
        .should()
        .dependOnClassesThat(resideInAPackage("java.sql.."))
        .check(ALL);
    fields()
        .that()
        .areDeclaredInClassesThat(
            resideInAnyPackage(
                SERVICES.stream().map(ArchitectureTest::everythingIn).toArray(String[]::new)))
        .and()
        .areStatic()
        .should()
        .beFinal()
        .check(ALL);
  }

  @Test
  void everyPackage_isNullMarked() {
    TreeSet<String> unmarked = new TreeSet<>();
    for (JavaClass type : ALL) {
      if (!type.getPackage().isAnnotatedWith(NullMarked.class)) {
        unmarked.add(type.getPackageName());
      }
    }
    assertThat(unmarked).isEmpty();
  }

  /** A verticle owns a context and delegates; what it delegates to can be tested without one. */
  @Test
  void verticles_areShells() {
    for (JavaClass type : ALL) {
      if (type.isAssignableTo(VerticleBase.class) || type.isAssignableTo(AbstractVerticle.class)) {
        assertThat(type.getMethods()).as(type.getName()).hasSizeLessThanOrEqualTo(6);
      }
    }
  }

  @Test
  void domains_knowNoAdapterAndNoLibraryThatDoesInputOutput() {
    noClasses()
        .that(resideInAPackage("dev.tocsin.*.domain.."))
        .should()
        .dependOnClassesThat(
            resideInAnyPackage(
                "io.vertx..",
                "org.apache.kafka..",
                "java.net..",
                "dev.tocsin.*.http..",
                "dev.tocsin.*.postgres..",
                "dev.tocsin.*.consume..",
                "dev.tocsin.*.publish..",
                "dev.tocsin.*.notify.."))
        .check(ALL);
  }

  /** Tests fast-forward: what a service does at some time follows the clock it was given. */
  @Test
  void services_takeTheTimeFromTheirContext() {
    noClasses()
        .that(
            resideInAnyPackage(
                SERVICES.stream().map(ArchitectureTest::everythingIn).toArray(String[]::new)))
        .should()
        .callMethod(Instant.class, "now")
        .orShould()
        .callMethod(System.class, "currentTimeMillis")
        .orShould()
        .callMethod(Thread.class, "sleep", long.class)
        .check(ALL);
  }

  @Test
  void onlyTheCommandLine_writesToTheTerminal() {
    noClasses()
        .that()
        .resideOutsideOfPackages(
            everythingIn("app"), everythingIn("embedded"), everythingIn("testkit"))
        .and()
        .doNotHaveSimpleName("ServiceMain")
        .should()
        .accessField(System.class, "out")
        .orShould()
        .accessField(System.class, "err")
        .check(ALL);
  }

  private static String everythingIn(String module) {
    return "dev.tocsin." + module + "..";
  }
}
