package dev.tocsin.storage.summary;

import dev.tocsin.common.postgres.PostgresText;

/** Names as the tables hold them: their keys are indexed, and an index entry has a limit. */
final class CatalogueText {
  static final int CHARACTERS_MAX = 256;

  private CatalogueText() {}

  /** Cut to size, without what PostgreSQL cannot hold. */
  static String of(String text) {
    return cut(text, CHARACTERS_MAX);
  }

  static String cut(String text, int charactersMax) {
    String plain = PostgresText.clean(text);
    if (plain.length() <= charactersMax) {
      return plain;
    }
    boolean splitsPair = Character.isHighSurrogate(plain.charAt(charactersMax - 1));
    return plain.substring(0, splitsPair ? charactersMax - 1 : charactersMax);
  }
}
