package dev.tocsin.alert.rules;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tocsin.alert.rules.follow.RulesTopic;
import dev.tocsin.common.config.ConfigException;
import dev.tocsin.common.contract.RuleGroupRecord;
import dev.tocsin.promql.rules.RuleFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RuleSourcesTest {
  private static final String TWO =
      """
      # a comment
      groups:
        - name: one
          interval: 5s
          rules:
            - record: a
              expr: b
        # about the second
        - name: two
          rules:
            - alert: c
              expr: a > 1
            - record: d
              expr: a
      """;

  @TempDir Path directory;

  private String write(String name, String text) throws IOException {
    return Files.writeString(directory.resolve(name), text).toString();
  }

  @Test
  void shippedRules_areSound() {
    Map<String, RuleGroupRecord> groups = RuleSources.read(true, List.of());
    assertThat(groups).containsOnlyKeys("default/tocsin-red", "default/tocsin-defaults");
    assertThat(groups.values())
        .allSatisfy(
            group -> {
              assertThat(RuleFile.parse(group.yaml()).problems()).isEmpty();
              assertThat(RuleFile.parse(group.yaml()).hints()).isEmpty();
            });
  }

  @Test
  void file_becomesOneRecordAGroup() throws Exception {
    Map<String, RuleGroupRecord> groups = RuleSources.read(false, List.of(write("a.yml", TWO)));
    assertThat(groups).containsOnlyKeys("file/one", "file/two");
    RuleGroupRecord two = groups.get("file/two");
    assertThat(two.source()).isEqualTo("file");
    assertThat(RuleFile.parse(two.yaml()).groups())
        .singleElement()
        .satisfies(group -> assertThat(group.rules()).hasSize(2));
  }

  @Test
  void pattern_findsFiles() throws Exception {
    write("a.yml", TWO);
    write("b.yml", TWO.replace("one", "three").replace("two", "four"));
    write("c.txt", "not rules");
    assertThat(RuleSources.read(false, List.of(directory + "/*.yml"))).hasSize(4);
  }

  @Test
  void problems_areAllNamedWithFileAndLine() throws Exception {
    String bad = write("bad.yml", TWO.replace("expr: b", "expr: b +").replace("a > 1", "sum("));
    String missing = directory.resolve("missing.yml").toString();
    assertThatThrownBy(() -> RuleSources.read(false, List.of(bad, missing)))
        .isInstanceOf(ConfigException.class)
        .hasMessageContaining(bad + ":7: ")
        .hasMessageContaining(bad + ":12: ")
        .hasMessageContaining(missing);
  }

  @Test
  void halfOfACharacter_isRefusedWithFileGroupAndWhatIsExpected() throws Exception {
    String file = write("a.yml", TWO.replace("name: one", "name: \"surr\\ud800x\""));
    assertThatThrownBy(() -> RuleSources.read(false, List.of(file)))
        .hasMessageContaining(
            file
                + ":3: group \"surr\\ud800x\": half of a character in \"surr\\ud800x\" (expected: ");
    for (String half : List.of("\\udc00", "\\udc00\\ud800")) {
      String alert = write("a.yml", TWO.replace("alert: c", "alert: \"c" + half + "\""));
      assertThatThrownBy(() -> RuleSources.read(false, List.of(alert)))
          .hasMessageContaining(alert + ":11: group \"two\": half of a character in ");
    }
    String whole = write("a.yml", TWO.replace("name: one", "name: \"\\ud83d\\ude00\\U0001f600\""));
    assertThat(RuleSources.read(false, List.of(whole))).containsKey("file/😀😀");
  }

  @Test
  void changes_compareWhatIsStored_andNeverDeleteWhatTheyWrite() {
    RuleGroupRecord odd = new RuleGroupRecord("file/surr\ud800x", "file", "x");
    RuleGroupRecord asStored = RuleGroupRecord.decode(odd.encode());
    assertThat(RulesTopic.changes(Map.of(odd.name(), odd), Map.of("file/surr?x", asStored)))
        .isEmpty();
    assertThat(RulesTopic.changes(Map.of(odd.name(), odd), Map.of()))
        .singleElement()
        .satisfies(change -> assertThat(change.value()).isNotNull());
    assertThat(RulesTopic.changes(Map.of(), Map.of("file/surr?x", asStored)))
        .singleElement()
        .satisfies(change -> assertThat(change.value()).isNull());
  }

  @Test
  void intervalThatNoGroupCanHave_isRefusedWithFileGroupAndWhatIsExpected() throws Exception {
    for (String interval : List.of("2y", "290y")) {
      String file = write("a.yml", TWO.replace("interval: 5s", "interval: " + interval));
      assertThatThrownBy(() -> RuleSources.read(false, List.of(file)))
          .hasMessageContaining(
              file + ":3: group one: interval: " + interval + " (expected: 1ms to 1y, or 0s");
    }
    String negative = write("a.yml", TWO.replace("interval: 5s", "interval: -5s"));
    assertThatThrownBy(() -> RuleSources.read(false, List.of(negative)))
        .hasMessageContaining(negative + ":4: interval: not a valid duration");
    String none = write("a.yml", TWO.replace("interval: 5s", "interval: 0s"));
    assertThat(RuleSources.read(false, List.of(none))).hasSize(2);
  }

  @Test
  void groupOfTheSameName_isNamedWithBothPlaces() throws Exception {
    String a = write("a.yml", TWO);
    String b = write("b.yml", TWO);
    assertThatThrownBy(() -> RuleSources.read(false, List.of(a, b)))
        .hasMessageContaining(b + ":3: group one is already defined in " + a + ":3");
  }

  @Test
  void changes_writeWhatDiffersAndDeleteWhatIsGone_butNotTheApis() {
    RuleGroupRecord kept = new RuleGroupRecord("file/kept", "file", "x");
    RuleGroupRecord changed = new RuleGroupRecord("file/changed", "file", "x");
    RuleGroupRecord gone = new RuleGroupRecord("default/gone", "default", "x");
    RuleGroupRecord api = new RuleGroupRecord("api/mine", "api", "x");
    var changes =
        RulesTopic.changes(
            Map.of(
                "file/kept",
                kept,
                "file/changed",
                new RuleGroupRecord("file/changed", "file", "y")),
            Map.of(
                "file/kept", kept, "file/changed", changed, "default/gone", gone, "api/mine", api));
    assertThat(changes)
        .extracting(
            change -> new String(change.key(), UTF_8) + (change.value() == null ? " -" : " +"))
        .containsExactlyInAnyOrder("file/changed +", "default/gone -");
  }
}
