insert into thing values (3);
