package dev.tocsin.incident.service;

import dev.tocsin.common.runtime.ServiceMain;

/** Runs incident-service alone. */
public final class IncidentMain {
  private IncidentMain() {}

  public static void main(String[] args) {
    new ServiceMain<>("incident-service", IncidentConfig::checked, IncidentService::create)
        .run(args);
  }
}
