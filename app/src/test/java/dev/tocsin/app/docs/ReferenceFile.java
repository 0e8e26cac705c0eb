package dev.tocsin.app.docs;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * {@code tocsin.toml}, the commented reference of all keys, as chapters of sections of rows. A
 * comment says what the keys below it mean, up to the next comment; above a section's or a table's
 * name it says what that is for.
 */
record ReferenceFile(List<Chapter> chapters) {
  private static final Pattern CHAPTER = Pattern.compile("# -+ (.*?) -+");
  private static final Pattern HEADER = Pattern.compile("(#?)(\\[\\[?)([a-z_.]+)]]?");
  private static final Pattern KEY = Pattern.compile("#([a-z_]+) = (.*?)( +# example)?");

  /** What a line between dashes is the title of. */
  record Chapter(String title, List<Section> sections) {}

  /** A section, or a table that may be there several times. */
  record Section(String name, boolean repeatable, String meaning, List<Row> rows) {}

  /** Keys that mean something together. */
  record Row(List<SettingKey> keys, String meaning) {}

  /**
   * One key.
   *
   * @param value its default, or what it could be
   * @param example whether it has no default
   */
  record SettingKey(String name, String value, boolean example) {}

  static ReferenceFile parse(List<String> lines) {
    Reading reading = new Reading();
    lines.forEach(reading::line);
    return new ReferenceFile(reading.chapters);
  }

  /** What has been read, and the comment that is not used yet. */
  private static final class Reading {
    final List<Chapter> chapters = new ArrayList<>();
    private final List<String> comment = new ArrayList<>();
    private boolean inRow;

    void line(String line) {
      Matcher chapter = CHAPTER.matcher(line);
      Matcher header = HEADER.matcher(line);
      Matcher key = KEY.matcher(line);
      if (chapter.matches()) {
        comment.clear();
        chapters.add(new Chapter(chapter.group(1), new ArrayList<>()));
      } else if (header.matches()) {
        section(header.group(3), header.group(2).length() > 1);
      } else if (key.matches()) {
        key(new SettingKey(key.group(1), key.group(2), key.group(3) != null));
      } else if (line.startsWith("# ")) {
        inRow = false;
        comment.add(line.substring(2).strip());
      } else {
        inRow = false;
        comment.clear();
      }
    }

    private void section(String name, boolean repeatable) {
      last(chapters).sections().add(new Section(name, repeatable, meaning(), new ArrayList<>()));
      inRow = false;
    }

    private void key(SettingKey key) {
      List<Row> rows = last(last(chapters).sections()).rows();
      if (!inRow) {
        rows.add(new Row(new ArrayList<>(), meaning()));
      }
      last(rows).keys().add(key);
      inRow = true;
    }

    private String meaning() {
      String text = String.join(" ", comment);
      comment.clear();
      return text;
    }

    private static <T> T last(List<T> list) {
      return list.get(list.size() - 1);
    }
  }
}
