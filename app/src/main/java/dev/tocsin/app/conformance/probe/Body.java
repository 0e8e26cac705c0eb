package dev.tocsin.app.conformance.probe;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.util.Base64;
import org.jspecify.annotations.Nullable;

/** What a request carries. */
public final class Body {
  private static final int SHELL_BYTES_MAX = 600;

  public static final Body NONE = new Body(new byte[0], "no body", null);

  private final byte[] bytes;
  private final String what;
  private final @Nullable String shell;

  /**
   * @param bytes not to be changed
   * @param what in words, for reports
   * @param shell a command that writes the same bytes, or null when they are too many for a line
   */
  private Body(byte[] bytes, String what, @Nullable String shell) {
    this.bytes = bytes;
    this.what = what;
    this.shell = shell;
  }

  /** Not to be changed. */
  public byte[] bytes() {
    return bytes;
  }

  /** In words, for reports. */
  public String what() {
    return what;
  }

  /** A command that writes the same bytes, or null when they are too many for a line. */
  public @Nullable String shell() {
    return shell;
  }

  public static Body of(byte[] bytes, String what) {
    String shell =
        bytes.length > SHELL_BYTES_MAX
            ? null
            : "printf %s " + Base64.getEncoder().encodeToString(bytes) + " | base64 -d";
    return new Body(bytes, what, shell);
  }

  public static Body text(String text, String what) {
    byte[] bytes = text.getBytes(UTF_8);
    boolean plain = bytes.length <= SHELL_BYTES_MAX && text.indexOf('\'') < 0;
    return plain ? new Body(bytes, what, "printf %s '" + text + "'") : of(bytes, what);
  }

  /** The text around as many times {@code x} as make {@code size} bytes of all. */
  public static Body filled(byte[] before, byte[] after, int size, String what) {
    int fill = Math.max(0, size - before.length - after.length);
    byte[] bytes = new byte[before.length + fill + after.length];
    System.arraycopy(before, 0, bytes, 0, before.length);
    java.util.Arrays.fill(bytes, before.length, before.length + fill, (byte) 'x');
    System.arraycopy(after, 0, bytes, before.length + fill, after.length);
    Base64.Encoder base64 = Base64.getEncoder();
    String shell =
        "{ printf %s "
            + base64.encodeToString(before)
            + " | base64 -d; head -c "
            + fill
            + " /dev/zero | tr '\\0' x; printf %s '"
            + base64.encodeToString(after)
            + "' | base64 -d; }";
    return new Body(bytes, what, shell);
  }

  /** The unit again and again, with something before and after: at least {@code size} bytes. */
  public static Body repeated(String before, Body unit, String after, int size, String what) {
    int times = times(unit, size);
    byte[] all = new byte[before.length() + times * unit.length() + after.length()];
    ByteBuffer buffer = ByteBuffer.wrap(all).put(before.getBytes(UTF_8));
    for (int i = 0; i < times; i++) {
      buffer.put(unit.bytes);
    }
    buffer.put(after.getBytes(UTF_8));
    return new Body(all, what, repeatedInShell(before, unit, after, times));
  }

  /** The same, compressed while it is made: the whole is never in memory. */
  public static Body repeatedCompressed(
      Compression compression, String before, Body unit, String after, int size, String what) {
    int times = times(unit, size);
    long length = before.length() + (long) times * unit.length() + after.length();
    Body compressed =
        compressed(
            compression,
            length,
            plain -> {
              plain.write(before.getBytes(UTF_8));
              for (int i = 0; i < times; i++) {
                plain.write(unit.bytes);
              }
              plain.write(after.getBytes(UTF_8));
            },
            repeatedInShell(before, unit, after, times));
    return compressed.as(what + ", " + compression.encoding() + " of " + length + " bytes");
  }

  /** Writes the content of a body. */
  private interface Content {
    void writeTo(OutputStream out) throws IOException;
  }

  private static Body compressed(
      Compression compression, long length, Content content, @Nullable String shell) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try (OutputStream plain = compression.over(out, length)) {
      content.writeTo(plain);
    } catch (IOException e) {
      throw new UncheckedIOException("cannot happen in memory", e);
    }
    boolean repeatable = shell != null && !compression.command().isEmpty();
    String command = repeatable ? shell + " | " + compression.command() : null;
    return new Body(out.toByteArray(), "", command);
  }

  private static int times(Body unit, int size) {
    return size / unit.length() + 1;
  }

  private static @Nullable String repeatedInShell(
      String before, Body unit, String after, int times) {
    return unit.shell == null
        ? null
        : "{ u=$(mktemp); %s > $u; printf %%s '%s'; for i in $(seq %d); do cat $u; done; printf %%s '%s'; }"
            .formatted(unit.shell, before, times, after);
  }

  public Body as(String otherWords) {
    return new Body(bytes, otherWords, shell);
  }

  public int length() {
    return bytes.length;
  }

  /** The first bytes only. */
  public Body cutTo(int length, String words) {
    return of(java.util.Arrays.copyOf(bytes, length), words);
  }

  public Body gzip() {
    return compressed(Compression.GZIP);
  }

  public Body compressed(Compression compression) {
    return compressed(compression, bytes.length, plain -> plain.write(bytes), shell)
        .as(what + ", " + compression.encoding());
  }

  /** A gRPC message: a flag byte, the length, the message. */
  public Body framed(int flag) {
    return framed(flag, bytes.length);
  }

  /** The same with a length that need not be true. */
  public Body framed(int flag, int length) {
    byte[] frame = new byte[5 + bytes.length];
    ByteBuffer.wrap(frame).put((byte) flag).putInt(length).put(bytes);
    return of(frame, what);
  }

  public Body plus(Body other, String words) {
    ByteBuffer both = ByteBuffer.allocate(bytes.length + other.bytes.length);
    return of(both.put(bytes).put(other.bytes).array(), words);
  }

  /** The bytes for a report: text if they are, else hexadecimal; at most {@code max} characters. */
  static String show(byte[] bytes, int max) {
    String text = new String(bytes, 0, Math.min(bytes.length, max), UTF_8);
    boolean readable = text.codePoints().noneMatch(c -> c == 0xfffd || (c < ' ' && c != '\n'));
    if (readable) {
      return text.replace('\n', ' ') + (bytes.length > max ? "..." : "");
    }
    String latin = new String(bytes, 0, Math.min(bytes.length, max), ISO_8859_1);
    StringBuilder shown = new StringBuilder();
    latin
        .chars()
        .forEach(
            c -> {
              if (c >= ' ' && c <= '~') {
                shown.append((char) c);
              } else {
                shown.append("\\x%02x".formatted(c));
              }
            });
    return shown.substring(0, Math.min(max, shown.length()))
        + (bytes.length > max || shown.length() > max ? "..." : "");
  }
}
