package dev.tocsin.segment.log;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SeverityTextTest {
  @ParameterizedTest
  @CsvSource({
    "WARN, 13",
    "warning, 13",
    "Error, 17",
    "SEVERE, 17",
    "INFO, 9",
    "Information, 9",
    "notice, 10",
    "DEBUG2, 6",
    "fatal, 21",
    "critical, 18",
    "E, 17",
    "' warn ', 13",
    "banana, 0",
    "'', 0",
  })
  void number_isThatOfTheDataModel(String text, int number) {
    assertThat(SeverityText.number(text)).isEqualTo(number);
  }
}
