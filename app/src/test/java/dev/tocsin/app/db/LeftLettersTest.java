package dev.tocsin.app.db;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

final class LeftLettersTest {

  @Test
  void lettersLeft_areRanges_thatReplayedOnesPart() {
    LeftLetters left = new LeftLetters();
    left.leave(3);
    left.leave(5);
    left.pass();
    left.leave(9);
    assertThat(left).hasToString("3-5,9");
    LeftLetters read = LeftLetters.parse(left.toString());
    assertThat(read.contains(4)).isTrue();
    assertThat(read.contains(6)).isFalse();
    assertThat(read.contains(9)).isTrue();
    assertThat(read.firstOr(20)).isEqualTo(3);
    assertThat(read.after(5)).hasToString("5,9");
  }

  @Test
  void nothing_isLeft_whenTheNoteIsEmptyOrNotOurs() {
    assertThat(LeftLetters.parse("").firstOr(7)).isEqualTo(7);
    assertThat(LeftLetters.parse("some text").firstOr(7)).isEqualTo(7);
  }
}
