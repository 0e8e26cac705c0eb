package dev.tocsin.console.service;

import dev.tocsin.common.runtime.ServiceMain;

/** Runs the console alone. */
public final class ConsoleMain {
  private ConsoleMain() {}

  public static void main(String[] args) {
    new ServiceMain<>(ConsoleService.NAME, ConsoleConfig::from, ConsoleService::create).run(args);
  }
}
