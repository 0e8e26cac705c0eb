package dev.tocsin.app;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.PrintStream;
import java.io.PrintWriter;
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
    System.setOut(stream(FileDescriptor.out, charset("stdout.encoding")));
    System.setErr(stream(FileDescriptor.err, charset("stderr.encoding")));
  }

  /**
   * Over one of the two streams.
   *
   * @param property that names the encoding of that stream
   */
  static PrintWriter writer(PrintStream stream, String property) {
    return new PrintWriter(stream, true, charset(property));
  }

  /** Before Java 19 it is another property, and none when the output is no terminal. */
  private static Charset charset(String property) {
    String name =
        System.getProperty(
            property, System.getProperty("sun." + property, Charset.defaultCharset().name()));
    Charset ofLocale = Charset.isSupported(name) ? Charset.forName(name) : UTF_8;
    return ofLocale.equals(US_ASCII) ? UTF_8 : ofLocale;
  }

  private static PrintStream stream(FileDescriptor descriptor, Charset charset) {
    return new PrintStream(new FileOutputStream(descriptor), true, charset);
  }
}
