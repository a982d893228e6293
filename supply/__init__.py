"""What the project is made of besides its own code: locked versions, licences, bill of materials, known weaknesses."""
