import { Router } from "express";

import { pool } from "../database";

export const practice = Router();

const preferences = new Map<string, unknown>();

class Ratings {
  async average() {
    const found = await pool.query("SELECT avg(stars) AS stars FROM ratings");
    return found.rows[0];
  }
}

const ratings = new Ratings();

practice.get("/ping", (req, res) => {
  res.json({ status: "ok" });
});

practice.get("/doctors", (req, res) => {
  res.json([
    { id: 1, name: "Dr. Ada Example", patients: 143, rating: 4.8 },
    { id: 2, name: "Dr. Max Sample", patients: 98, rating: 4.6 },
  ]);
});

practice.put("/preferences/:patient", (req, res) => {
  preferences.set(req.params.patient, req.body);
  res.json({ saved: true });
});

practice.get("/preferences/:patient", (req, res) => {
  res.json(preferences.get(req.params.patient) ?? {});
});

practice.get("/ratings", async (req, res) => {
  res.json(await ratings.mean());
});

practice.post("/prescriptions", (req, res) => {
  res.status(501).json({ error: "prescriptions are not available yet" });
});

practice.get("/partners/:kind", async (req, res) => {
  const partner = await import(process.env.CLINIC_PARTNERS as string);
  res.json(await partner.lookup(req.params.kind));
});
