package dev.tocsin.ingest.service;

import dev.tocsin.common.runtime.ServiceMain;

/** Runs ingest-service alone. */
public final class IngestMain {
  private IngestMain() {}

  public static void main(String[] args) {
    new ServiceMain<>("ingest-service", IngestConfig::from, IngestService::create).run(args);
  }
}
