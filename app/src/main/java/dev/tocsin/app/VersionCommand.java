package dev.tocsin.app;

import picocli.CommandLine.Command;

/** Prints what this is and what it runs on. */
@Command(name = "version", description = "Print the version of Tocsin and of the Java it runs on.")
final class VersionCommand implements Runnable {
  @Override
  public void run() {
    for (String line : new Version().getVersion()) {
      System.out.println(line);
    }
  }
}
