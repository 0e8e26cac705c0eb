package dev.tocsin.app.db;

/**
 * Which letters are meant.
 *
 * @param topic they came from; empty for any
 * @param reason the word before the detail, such as {@code malformed}; empty for any
 */
record LetterFilter(String topic, String reason) {

  boolean matches(Letter letter) {
    return (topic.isEmpty() || topic.equals(letter.topic()))
        && (reason.isEmpty() || reason.equals(letter.reason()));
  }
}
