package dev.tocsin.segment.summary;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

final class ExceptionTableTest {
  @Test
  void exceptions_areGroupedAsEver_whileTheTextsKeptStayBounded() {
    ExceptionTable table = new ExceptionTable();
    int kinds = 100;
    String padding = "\n  at shop.Cart.padding(Cart.java:1)".repeat(3_000);
    for (int round = 0; round < 2; round++) {
      for (int kind = 0; kind < kinds; kind++) {
        String stack = "shop.CartException\n  at shop.Cart" + kind + ".add(Cart.java)" + padding;
        table.add("cart", 1, null, "shop.CartException", "empty", stack);
        assertThat(table.shapesChars()).isLessThanOrEqualTo(ExceptionTable.SHAPES_CHARS_MAX);
      }
    }
    assertThat(table.drain()).extracting(ExceptionRow::occurrences).hasSize(kinds).containsOnly(2);
  }
}
