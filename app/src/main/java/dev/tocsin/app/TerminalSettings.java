package dev.tocsin.app;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.PrintStream;
import java.nio.charset.Charset;
import java.util.Map;

/** Makes the output fit the terminal, before anything is printed. */
final class TerminalSettings {
  private TerminalSettings() {}

  /**
   * A terminal that calls itself dumb gets no escape codes, and no line is drawn over. Where the
   * locale knows ASCII only, as {@code LANG=C}, UTF-8 is written: terminals show it nearly
   * everywhere, and question marks help nobody.
   */
  static void apply(Map<String, String> environment) {
    if ("dumb".equals(environment.get("TERM"))) {
      System.setProperty("picocli.ansi", "false");
    }
    if (charset("stdout.encoding").equals(US_ASCII)) {
      System.setOut(utf8(FileDescriptor.out));
    }
    if (charset("stderr.encoding").equals(US_ASCII)) {
      System.setErr(utf8(FileDescriptor.err));
    }
  }

  /** Before Java 19 it is another property, and none when the output is no terminal. */
  private static Charset charset(String property) {
    String name =
        System.getProperty(
            property, System.getProperty("sun." + property, Charset.defaultCharset().name()));
    return Charset.isSupported(name) ? Charset.forName(name) : Charset.defaultCharset();
  }

  private static PrintStream utf8(FileDescriptor descriptor) {
    return new PrintStream(new FileOutputStream(descriptor), true, UTF_8);
  }
}
