package dev.tocsin.segment.summary;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.OptionalLong;
import java.util.UUID;
import org.junit.jupiter.api.Test;

final class ExceptionTableTest {
  private static final ExceptionTable.Place NOWHERE = new ExceptionTable.Place(null, 0);

  private static OptionalLong mark(long trace, long span, String type, String message) {
    return ExceptionTable.mark(
        new ExceptionTable.Place(new UUID(1, trace), span), type, message, "at shop.Cart");
  }

  @Test
  void mark_isOfTheException_whoeverTellsOfIt() {
    OptionalLong event = mark(1, 2, "shop.App$Refused", "no card");
    assertThat(event).isPresent();
    assertThat(mark(1, 2, "shop.App.Refused", "no card ")).isEqualTo(event);
    assertThat(mark(1, 2, "Refused", "no card")).isEqualTo(event);
    assertThat(mark(1, 3, "shop.App$Refused", "no card")).isNotEqualTo(event);
    assertThat(mark(2, 2, "shop.App$Refused", "no card")).isNotEqualTo(event);
    assertThat(mark(1, 2, "shop.App$Refused", "no cart")).isNotEqualTo(event);
    assertThat(mark(1, 2, "shop.App$Closed", "no card")).isNotEqualTo(event);
    assertThat(ExceptionTable.mark(NOWHERE, "Refused", "no card", "")).isEmpty();
    assertThat(mark(1, 0, "Refused", "no card")).isEmpty();
  }

  @Test
  void marks_areBounded_andThoseBeyondAreCounted() {
    ExceptionTable table = new ExceptionTable();
    int told = ExceptionTable.MARKS_MAX + 50;
    for (int span = 1; span <= told; span++) {
      table.add("cart", 1, new ExceptionTable.Place(new UUID(1, 1), span), "Refused", "no", "");
    }
    table.add("cart", 1, NOWHERE, "Refused", "no", "");
    ExceptionRow row = table.drain().get(0);
    assertThat(row.occurrences()).isEqualTo(told + 1);
    assertThat(row.marked()).isEqualTo(told);
    assertThat(row.marks()).hasSize(ExceptionTable.MARKS_MAX).doesNotHaveDuplicates();
  }

  @Test
  void exceptions_areGroupedAsEver_whileTheTextsKeptStayBounded() {
    ExceptionTable table = new ExceptionTable();
    int kinds = 100;
    String padding = "\n  at shop.Cart.padding(Cart.java:1)".repeat(3_000);
    for (int round = 0; round < 2; round++) {
      for (int kind = 0; kind < kinds; kind++) {
        String stack = "shop.CartException\n  at shop.Cart" + kind + ".add(Cart.java)" + padding;
        table.add("cart", 1, NOWHERE, "shop.CartException", "empty", stack);
        assertThat(table.shapesChars()).isLessThanOrEqualTo(ExceptionTable.SHAPES_CHARS_MAX);
      }
    }
    assertThat(table.drain()).extracting(ExceptionRow::occurrences).hasSize(kinds).containsOnly(2);
  }
}
