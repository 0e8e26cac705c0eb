package dev.tocsin.storage.read.scan;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tocsin.storage.ports.AttributeScope;
import dev.tocsin.storage.ports.AttributeTest;
import dev.tocsin.storage.ports.AttributeValue;
import dev.tocsin.storage.ports.Comparison;
import io.opentelemetry.proto.common.v1.AnyValue;
import io.opentelemetry.proto.common.v1.ArrayValue;
import io.opentelemetry.proto.common.v1.KeyValue;
import io.opentelemetry.proto.common.v1.KeyValueList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class BodyFieldTest {
  /**
   * {"user": {"id": 42, "name": "Ann Lee"}, "http.status": 500, "items": [{"sku": "a1"}, {"sku":
   * "b2"}], "tags": ["red", "blue"], "grid": [[1, 2], [3]]}.
   */
  private static final AnyValue BODY =
      map(
          pair("user", map(pair("id", whole(42)), pair("name", text("Ann Lee")))),
          pair("http.status", whole(500)),
          pair("items", list(map(pair("sku", text("a1"))), map(pair("sku", text("b2"))))),
          pair("tags", list(text("red"), text("blue"))),
          pair("grid", list(list(whole(1), whole(2)), list(whole(3)))));

  private static AnyValue map(KeyValue... pairs) {
    return AnyValue.newBuilder()
        .setKvlistValue(KeyValueList.newBuilder().addAllValues(List.of(pairs)))
        .build();
  }

  private static AnyValue list(AnyValue... values) {
    return AnyValue.newBuilder()
        .setArrayValue(ArrayValue.newBuilder().addAllValues(List.of(values)))
        .build();
  }

  private static KeyValue pair(String key, AnyValue value) {
    return KeyValue.newBuilder().setKey(key).setValue(value).build();
  }

  private static AnyValue whole(long value) {
    return AnyValue.newBuilder().setIntValue(value).build();
  }

  private static AnyValue text(String value) {
    return AnyValue.newBuilder().setStringValue(value).build();
  }

  private static boolean equal(String path, AttributeValue value) {
    return BodyField.passes(
        new AttributeTest(AttributeScope.BODY, path, Comparison.EQUAL, value), BODY);
  }

  private static boolean is(String path, String value) {
    return equal(path, new AttributeValue.Untyped(value));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "user.name=Ann Lee",
        "http.status=500",
        "items.sku=a1",
        "items.sku=b2",
        "items[0].sku=a1",
        "items.1.sku=b2",
        "items[*].sku=b2",
        "tags=red",
        "tags=blue",
        "tags[1]=blue",
        "tags=[\"red\",\"blue\"]",
        "grid=3",
        "grid[0][1]=2",
        "grid.0.1=2",
        "grid[*][0]=3",
        "user={\"id\":42,\"name\":\"Ann Lee\"}"
      })
  void fields_areFound_byPathsAsPeopleWriteThem(String field) {
    int equals = field.indexOf('=');
    assertThat(is(field.substring(0, equals), field.substring(equals + 1))).isTrue();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "user=42",
        "use=42",
        "user.name.x=Ann Lee",
        "items[1].sku=a1",
        "items[2].sku=a1",
        "items[=a1",
        "items[x].sku=a1",
        "items[99999999999].sku=a1",
        "tags[0]=blue",
        "http=500",
        "=42"
      })
  void whatIsNotThere_isNotFound(String field) {
    int equals = field.indexOf('=');
    assertThat(is(field.substring(0, equals), field.substring(equals + 1))).isFalse();
  }

  @Test
  void values_compareTyped_likeThoseOfAttributes() {
    assertThat(equal("user.id", new AttributeValue.Whole(42))).isTrue();
    assertThat(equal("user.id", new AttributeValue.Real(42))).isTrue();
    assertThat(equal("user.id", new AttributeValue.Text("42"))).isFalse();
    assertThat(equal("tags", new AttributeValue.Text("red"))).isTrue();
  }

  /** However deep lists are nested in lists, and however many numbers a path has. */
  @Test
  void deepLists_areLookedThrough_inNoTime() {
    AnyValue deep = whole(7);
    for (int i = 0; i < 90; i++) {
      deep = list(deep, whole(1));
    }
    AttributeTest test =
        new AttributeTest(
            AttributeScope.BODY,
            "0.0.0.0." + "0.".repeat(40) + "x",
            Comparison.EQUAL,
            new AttributeValue.Whole(9));
    assertThat(BodyField.passes(test, deep)).isFalse();
  }

  @Test
  void words_areThoseThatEveryBodyWithTheFieldIsFiledBy() {
    AttributeTest name =
        new AttributeTest(
            AttributeScope.BODY,
            "items[12].34.fullName",
            Comparison.EQUAL,
            new AttributeValue.Untyped("Ann \\nLee"));
    assertThat(BodyField.words(name)).containsExactly("items", "fullname", "ann");
    AttributeTest number =
        new AttributeTest(
            AttributeScope.BODY, "user.id", Comparison.EQUAL, new AttributeValue.Whole(42));
    assertThat(BodyField.words(number)).containsExactly("user", "id");
  }
}
