import { Router } from "express";

import { pool } from "../database";

export const legacy = Router();

legacy.get("/letters", async (req, res, next) => {
  try {
    const found = await pool.query("SELECT id, text FROM letters");
    res.json(found.rows);
  } catch (error) {
    next(error);
  }
});
