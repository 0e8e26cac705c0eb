package dev.tocsin.alert.service;

import dev.tocsin.common.runtime.ServiceMain;

/** Runs alert-service alone. */
public final class AlertMain {
  private AlertMain() {}

  public static void main(String[] args) {
    new ServiceMain<>("alert-service", AlertConfig::checked, AlertService::create).run(args);
  }
}
