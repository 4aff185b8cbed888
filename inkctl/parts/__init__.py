"""The parts that a server would bring, run from packages instead: Apache Kafka on a JRE, mongod, and the built web app."""
